internal import DeadLetters

/// What was found on one way through the queues. Its size has a bound, whatever is in them.
struct Census: Sendable {
  /// Letters with the same code.
  struct Group: Sendable {
    /// The class of the error.
    var cause: String
    /// How many.
    var letters = 0
    /// Milliseconds since 1970 of the first and the last of them.
    var oldest: Int64?
    var newest: Int64?
    /// What the OCR service or a relay said about the newest.
    var message: String?
    /// The newest, as far as they are kept.
    var recent: [LetterRecord] = []
    /// How many of its letters each API and publisher has.
    var apis: [String: Int] = [:]
    var users: [String: Int] = [:]
    /// Fingerprints of letters with a picture to show.
    var samples: [String] = []
  }

  /// Letters of a group that are listed.
  static let recentLimit = 200
  /// Pictures of a group that are shown.
  static let sampleLimit = 4
  /// APIs and publishers of a group that are told apart.
  static let mostNames = 50
  private static let mostGroups = 200

  /// Milliseconds since 1970.
  let takenAt: Int64
  /// The sums.
  private(set) var statistics = LetterStatistics()
  /// Letters by code.
  private(set) var groups: [String: Group] = [:]

  init(takenAt: Int64) { self.takenAt = takenAt }

  /// Counts a letter.
  mutating func add(_ letter: LetterRecord) {
    statistics.add(letter, now: takenAt)
    let name = groups.count < Self.mostGroups || groups[letter.code] != nil ? letter.code : LetterStatistics.others
    groups[name, default: Group(cause: letter.cause)].add(letter)
  }

  /// Notes that there is a picture of a letter.
  mutating func addSample(_ letter: LetterRecord) {
    guard let id = letter.fingerprint?.text else { return }
    groups[letter.code]?.addSample(id)
  }

  /// Whether a picture of the letter that was added last should be kept: of the first one, and then of ever fewer, so
  /// that those kept come from all over the queue and few are copied.
  func wantsSample(_ letter: LetterRecord) -> Bool {
    guard let number = groups[letter.code]?.letters else { return false }
    return number & (number - 1) == 0
  }

  /// The largest group first.
  var ranked: [(code: String, group: Group)] {
    groups.map { (code: $0.key, group: $0.value) }.sorted { ($1.group.letters, $0.code) < ($0.group.letters, $1.code) }
  }

  /// A letter that was found, by its fingerprint.
  func letter(_ fingerprint: String) -> LetterRecord? {
    for group in groups.values {
      if let letter = group.recent.first(where: { $0.fingerprint?.text == fingerprint }) { return letter }
    }
    return nil
  }
}

extension Census.Group {
  fileprivate mutating func add(_ letter: LetterRecord) {
    letters += 1
    count(letter.api ?? LetterStatistics.none, in: &apis)
    count(letter.user ?? LetterStatistics.none, in: &users)
    if let failedAt = letter.lastFailedAt {
      oldest = min(oldest ?? failedAt, failedAt)
      newest = max(newest ?? failedAt, failedAt)
    }
    message = letter.message ?? message
    recent.append(letter)
    // Twice the limit before it is cut, so that cutting costs little.
    if recent.count >= 2 * Census.recentLimit { recent.removeFirst(recent.count - Census.recentLimit) }
  }

  fileprivate mutating func addSample(_ id: String) {
    samples.append(id)
    if samples.count > Census.sampleLimit { samples.removeFirst() }
  }

  private func count(_ name: String, in names: inout [String: Int]) {
    let isKnown = names.count < Census.mostNames || names[name] != nil
    names[isKnown ? name : LetterStatistics.others, default: 0] += 1
  }
}
