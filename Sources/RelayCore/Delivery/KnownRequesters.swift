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

  private struct Entry: Sendable {
    var isThere: Bool
    var until: Duration
  }

  private var entries: [String: Entry] = [:]

  /// Nothing is known.
  public init() {}

  /// Addresses that are remembered.
  public var count: Int { entries.count }

  /// Whether somebody listens at an address; nil when it has to be asked.
  public func find(_ name: String, now: Duration) -> Bool? {
    guard let entry = entries[name], now < entry.until else { return nil }
    return entry.isThere
  }

  /// The broker has told about an address.
  public mutating func note(_ name: String, isThere: Bool, now: Duration) {
    if entries.count >= Self.capacity { makeRoom(now) }
    entries[name] = Entry(isThere: isThere, until: now + (isThere ? Self.trust : Self.memory))
  }

  private mutating func makeRoom(_ now: Duration) {
    entries = entries.filter { now < $0.value.until }
    if entries.count >= Self.capacity { entries.removeAll() }
  }
}
