/// Names a request that waits for a permit. ``slot`` is small and reused, so that a table can be indexed by it.
public struct WaitingTicket: Sendable, Hashable {
  /// Where the request waits.
  public let slot: Int
  let generation: UInt32
}
