@testable import AMQP

/// Big-endian bytes, built by hand: independent of the writers under test.
enum WireBytes {
  static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// A text with a length octet.
  static func short(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count)] + text.utf8
  }

  /// Bytes with a four-octet length.
  static func long(_ bytes: some Collection<UInt8>) -> [UInt8] {
    integer(UInt32(bytes.count)) + bytes
  }

  /// One entry of a field table.
  static func entry(_ key: String, _ kind: Character, _ value: [UInt8]) -> [UInt8] {
    short(key) + Array(String(kind).utf8) + value
  }

  static func frame(_ type: UInt8, channel: UInt16 = 1, _ payload: [UInt8]) -> [UInt8] {
    [type] + integer(channel) + long(payload) + [0xCE]
  }

  static func method(_ id: MethodID, channel: UInt16 = 1, _ arguments: [UInt8] = []) -> [UInt8] {
    frame(1, channel: channel, integer(id.rawValue) + arguments)
  }

  /// `levels` tables in each other, each the only entry of its parent; as the entries of a table.
  static func nestedTables(_ levels: Int) -> [UInt8] {
    (0..<levels).reduce([]) { inner, _ in entry("k", "F", long(inner)) }
  }

  /// `levels` arrays in each other under one key; as the entries of a table.
  static func nestedArrays(_ levels: Int) -> [UInt8] {
    let inner = (1..<max(levels, 1)).reduce([UInt8]()) { inner, _ in [UInt8(ascii: "A")] + long(inner) }
    return entry("k", "A", long(inner))
  }
}
