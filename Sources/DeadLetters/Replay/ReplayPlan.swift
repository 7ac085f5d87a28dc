/// Which letters a replay moves, and how far it has come. The letters are chosen once, before the first one moves: what
/// dies later, and what dies again meanwhile, is no part of it.
public struct ReplayPlan: Sendable, Equatable {
  /// Equal letters: they are told apart by nothing.
  struct Entry: Sendable, Equatable {
    var copies = 1
    var published = 0
  }

  /// Names the plan on replayed requests and in notices.
  public let id: String
  /// Milliseconds since 1970.
  public let createdAt: Int64
  /// The filter that chose the letters, in the words of the command line.
  public let filter: String
  /// Where the letters are.
  public let place: LetterPlace
  /// The queues that hold them.
  public internal(set) var queues: [String] = []
  /// Whether the first letters have shown that a replay helps.
  public internal(set) var isCanaryPassed = false
  var entries: [LetterID: Entry] = [:]

  /// A plan without letters.
  init(id: String, createdAt: Int64, filter: String, place: LetterPlace) {
    self.id = id
    self.createdAt = createdAt
    self.filter = filter
    self.place = place
  }

  /// Letters that were chosen.
  public var letters: Int { entries.values.reduce(0) { $0 + $1.copies } }

  /// Letters that were published again.
  public var published: Int { entries.values.reduce(0) { $0 + $1.published } }

  mutating func add(_ letter: LetterID, queue: String) {
    entries[letter, default: Entry(copies: 0)].copies += 1
    if !queues.contains(queue) { queues.append(queue) }
  }

  /// What is to be done with a letter that was found in a queue.
  enum Step: Equatable {
    /// It is none of the plan's.
    case leave
    /// It was published, and not taken out of its queue.
    case remove
    /// It was not published yet.
    case publish
  }

  func step(for letter: LetterID) -> Step {
    guard let entry = entries[letter] else { return .leave }
    return entry.published < entry.copies ? .publish : .remove
  }

  mutating func notePublished(_ letter: LetterID) {
    guard let entry = entries[letter], entry.published < entry.copies else { return }
    entries[letter]?.published += 1
  }

  mutating func noteCanaryPassed() { isCanaryPassed = true }
}
