/// Names one call of one ``HTTPClient``; never used again for another call.
public struct HTTPCallID: Sendable, Hashable {
  let serial: UInt64
}
