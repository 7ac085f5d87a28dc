/// What Redis answered.
public enum RedisReply: Sendable, Hashable {
  /// Nothing: a missing key, or a condition that was not met.
  case null
  /// A number.
  case integer(Int64)
  /// A value, as bytes.
  case bytes([UInt8])
  /// A short text such as `OK`.
  case status(String)
  /// Several replies, in order.
  case array([RedisReply])
  /// An error among the elements of an array; an error on its own is a ``RedisFailure`` of the command.
  case error(String)
}

extension RedisReply {
  /// The number; nil for everything else.
  public var integer: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The bytes of a value; nil for everything else.
  public var bytes: [UInt8]? {
    if case .bytes(let bytes) = self { bytes } else { nil }
  }

  /// The elements; nil for everything else.
  public var elements: [RedisReply]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The numbers of an array that holds nothing else; nil for everything else.
  public var integers: [Int64]? {
    guard let elements else { return nil }
    var numbers: [Int64] = []
    numbers.reserveCapacity(elements.count)
    for element in elements {
      guard let number = element.integer else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
