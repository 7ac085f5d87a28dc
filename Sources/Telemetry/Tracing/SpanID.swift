/// Names a span within its trace: 8 bytes, not all zero.
public struct SpanID: Sendable, Hashable {
  /// The bytes.
  public let value: UInt64

  /// A name of these bytes; nil when all are zero.
  public init?(_ value: UInt64) {
    guard value != 0 else { return nil }
    self.value = value
  }

  /// A new name.
  public static func random(using generator: inout some RandomNumberGenerator) -> SpanID {
    while true {
      if let id = SpanID(generator.next()) { return id }
    }
  }

  /// 16 hexadecimal digits.
  public var text: String { HexDigits.text(value) }
}
