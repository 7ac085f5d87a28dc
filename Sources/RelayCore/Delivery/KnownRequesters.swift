/// What is known of direct reply-to addresses: pure bookkeeping, bounded.
///
/// An address belongs to the channel that made it and ends with it; no other channel gets the same one. So one that is
/// gone stays gone, and one that exists is believed to for a moment only.
public struct KnownRequesters: Sendable {
  /// Most addresses that are remembered.
  public static let capacity = 2_048
  /// How long an address that existed is not asked for again.
  public static let trust = Duration.seconds(5)
  private static let memory = Duration.seconds(600)

  /// What came of asking the broker for an address.
  public enum Answer: Sendable {
    /// Somebody listens there.
    case found
    /// Nobody does (404).
    case notFound
    /// The broker broke down (541): over an address that no broker has made, or over something else just then.
    case breakdown
    /// There was no answer.
    case none
  }

  /// What to make of an answer.
  public enum Verdict: Sendable, Equatable {
    /// Somebody listens there.
    case isThere
    /// Nobody does.
    case isGone
    /// Ask once more, over another connection.
    case askAgain
    /// Nobody can tell, so the request goes on: the check only saves money.
    case unknown
  }

  private struct Entry: Sendable {
    var isThere: Bool
    var until: Duration
  }

  private var entries: [String: Entry] = [:]
  /// Addresses over which the broker broke down once, while they are asked for again.
  private var suspects: Set<String> = []

  /// Nothing is known.
  public init() {}

  /// Addresses that are remembered.
  public var count: Int { entries.count }

  /// Whether somebody listens at an address; nil when it has to be asked.
  public func find(_ name: String, now: Duration) -> Bool? {
    guard let entry = entries[name], now < entry.until else { return nil }
    return entry.isThere
  }

  /// Judges an answer to the question for an address. One breakdown may be the broker's own trouble; an address over which
  /// it breaks down twice in a row would break the connection that publishes the answer, too.
  public mutating func judge(_ name: String, _ answer: Answer, now: Duration) -> Verdict {
    let isSuspect = suspects.remove(name) != nil
    switch answer {
    case .found:
      note(name, isThere: true, now: now)
      return .isThere
    case .breakdown where !isSuspect:
      suspects.insert(name)
      return .askAgain
    case .notFound, .breakdown:
      note(name, isThere: false, now: now)
      return .isGone
    case .none: return .unknown
    }
  }

  private mutating func note(_ name: String, isThere: Bool, now: Duration) {
    if entries.count >= Self.capacity { makeRoom(now) }
    entries[name] = Entry(isThere: isThere, until: now + (isThere ? Self.trust : Self.memory))
  }

  private mutating func makeRoom(_ now: Duration) {
    entries = entries.filter { now < $0.value.until }
    if entries.count >= Self.capacity { entries.removeAll() }
  }
}
