/// One part of a command.
public enum RedisArgument: Sendable, Hashable {
  /// A text, sent as UTF-8.
  case text(String)
  /// Any bytes.
  case bytes([UInt8])
  /// A number, sent in decimal.
  case integer(Int64)
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension RedisArgument {
  /// Whole milliseconds, for times to live.
  public static func milliseconds(_ duration: Duration) -> RedisArgument {
    let (seconds, attoseconds) = duration.components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return .integer(seconds < 0 ? .min : .max) }
    let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    return .integer(carry ? .max : sum)
  }
}
