/// Results that are kept for requests that come again.
public struct ResultsSettings: Sendable, Equatable {
  /// Where results are kept.
  public enum Kind: String, Sendable, CaseIterable {
    /// In the memory of each relay.
    case memory
    /// In Redis for all relays, and in the memory of each.
    case redis
    /// Nowhere: whatever comes again is called for again.
    case off
  }

  /// Where results are kept.
  public var kind = Kind.memory
  /// How long a result is kept, unless newer ones need the room: as long as a request may wait for its retries.
  public var lifetime = Duration.seconds(86_400)
  /// The most bytes of results in memory.
  public var maximumBytes = 4 << 20
}
