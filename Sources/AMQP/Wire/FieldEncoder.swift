/// Writes field table entries in wire form.
enum FieldEncoder {
  static func append(key: String, value: FieldValue, to bytes: inout [UInt8]) {
    precondition(key.utf8.count <= 255, "FieldEncoder: header key of \(key.utf8.count) bytes")
    bytes.append(UInt8(key.utf8.count))
    bytes.append(contentsOf: key.utf8)
    append(value, to: &bytes)
  }

  private static func append(_ value: FieldValue, to bytes: inout [UInt8]) {
    switch value {
    case .bool(let flag):
      bytes.append(UInt8(ascii: "t"))
      bytes.append(flag ? 1 : 0)
    case .int32(let number):
      bytes.append(UInt8(ascii: "I"))
      append(UInt32(bitPattern: number), to: &bytes)
    case .int64(let number):
      bytes.append(UInt8(ascii: "l"))
      append(UInt64(bitPattern: number), to: &bytes)
    case .string(let text):
      bytes.append(UInt8(ascii: "S"))
      append(UInt32(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    case .table(let entries):
      bytes.append(UInt8(ascii: "F"))
      var nested: [UInt8] = []
      for (key, value) in entries.sorted(by: { $0.key < $1.key }) { append(key: key, value: value, to: &nested) }
      append(UInt32(nested.count), to: &bytes)
      bytes.append(contentsOf: nested)
    }
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}
