/// Names a trace: 16 bytes, not all zero.
public struct TraceID: Sendable, Hashable {
  /// The first 8 bytes.
  public let high: UInt64
  /// The last 8 bytes.
  public let low: UInt64

  /// A name of these bytes; nil when all are zero.
  public init?(high: UInt64, low: UInt64) {
    guard high != 0 || low != 0 else { return nil }
    self.high = high
    self.low = low
  }

  /// A new name.
  public static func random(using generator: inout some RandomNumberGenerator) -> TraceID {
    while true {
      if let id = TraceID(high: generator.next(), low: generator.next()) { return id }
    }
  }

  /// 32 hexadecimal digits.
  public var text: String { HexDigits.text(high) + HexDigits.text(low) }
}
