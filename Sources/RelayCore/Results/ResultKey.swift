/// Names everything that a result depends on: who asked, under which id, for which API, with which parameters and body.
///
/// The id alone would not do. A publisher that uses an id twice for different bodies must get two answers, so the body is
/// a part of the name: the same id with another body is another request.
public struct ResultKey: Sendable, Hashable {
  /// The first half of the hash.
  public let high: UInt64
  /// The second half of the hash.
  public let low: UInt64

  /// A key of the 128 bits of a cryptographic hash.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The bits are evenly spread already.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(low)
  }
}
