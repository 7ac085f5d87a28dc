internal import OCRContract

/// Which dead letters are meant. Values of one kind are alternatives; kinds narrow each other down. An empty filter
/// means all.
public struct LetterFilter: Sendable, Equatable {
  /// Names of error classes.
  public var causes: [String] = []
  /// Error codes.
  public var codes: [String] = []
  /// Names of APIs.
  public var apis: [String] = []
  /// Publishers; an empty text stands for those that did not say who they are.
  public var users: [String] = []
  /// Message ids, or `#` and the beginning of a fingerprint.
  public var ids: [String] = []
  /// Letters whose last failure is at least this long ago.
  public var olderThan: Duration?
  /// Letters whose last failure is at most this long ago.
  public var newerThan: Duration?

  /// All letters.
  public init() {}

  /// Whether it means all letters.
  public var isEmpty: Bool { self == LetterFilter() }

  /// Whether a letter is meant. `now` is in milliseconds since 1970.
  public func accepts(_ letter: LetterRecord, now: Int64) -> Bool {
    Self.contains(causes, letter.cause) && Self.contains(codes, letter.code) && Self.contains(apis, letter.api ?? "")
      && Self.contains(users, letter.user ?? "") && acceptsID(of: letter) && acceptsAge(of: letter, now: now)
  }

  private static func contains(_ values: [String], _ value: String) -> Bool {
    values.isEmpty || values.contains(value)
  }

  private func acceptsID(of letter: LetterRecord) -> Bool {
    guard !ids.isEmpty else { return true }
    return ids.contains { id in
      id == letter.messageID || (id.hasPrefix("#") && letter.fingerprint?.hasPrefix(id.dropFirst()) ?? false)
    }
  }

  /// A letter without a time of its failure is of no age: neither bound accepts it.
  private func acceptsAge(of letter: LetterRecord, now: Int64) -> Bool {
    guard olderThan != nil || newerThan != nil else { return true }
    guard let failedAt = letter.lastFailedAt, failedAt > 0 else { return false }
    let age = Duration.milliseconds(max(0, now.subtractingReportingOverflow(failedAt).partialValue))
    return olderThan.map { age >= $0 } ?? true && newerThan.map { age <= $0 } ?? true
  }

  /// The dead-letter queues that can hold what is meant.
  public var queues: [String] {
    var wanted = QueueName.dead
    if !causes.isEmpty { wanted = wanted.filter { causes.contains(Self.cause(of: $0)) } }
    guard !codes.isEmpty else { return wanted }
    // What the broker moved lies with the poison, whatever its code.
    let classes = codes.compactMap { ErrorCode(rawValue: $0)?.errorClass.rawValue } + [ErrorClass.poison.rawValue]
    return wanted.filter { classes.contains(Self.cause(of: $0)) }
  }

  private static func cause(of queue: String) -> String { String(queue.dropFirst(QueueName.deadPrefix.count)) }

  /// The filter in the words of the command line, always in the same order; empty for all letters.
  public var text: String {
    var words: [String] = []
    for (option, values) in [
      ("--cause", causes), ("--code", codes), ("--api", apis), ("--user", users), ("--id", ids),
    ] {
      for value in values.sorted() { words += [option, value] }
    }
    if let olderThan { words += ["--older-than", "\(olderThan.components.seconds)s"] }
    if let newerThan { words += ["--newer-than", "\(newerThan.components.seconds)s"] }
    return words.joined(separator: " ")
  }
}
