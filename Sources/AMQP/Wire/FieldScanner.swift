/// Steps over the entries of an AMQP field table without building values. All lengths and depths are checked.
enum FieldScanner {
  /// Reads one `key, kind, value` entry. Nil when it is malformed or nested deeper than ``HeaderTable/maximumDepth``.
  static func entry(_ reader: inout ByteReader, depth: Int) -> HeaderTable.Entry? {
    guard let keyLength = reader.readUInt8(), let keyStart = reader.skip(Int(keyLength)) else { return nil }
    guard let kind = reader.readUInt8() else { return nil }
    let valueStart = reader.position
    guard skipValue(kind: kind, &reader, depth: depth) else { return nil }
    return .init(key: keyStart..<keyStart + Int(keyLength), kind: kind, value: valueStart..<reader.position)
  }

  private static func skipValue(kind: UInt8, _ reader: inout ByteReader, depth: Int) -> Bool {
    switch kind {
    case UInt8(ascii: "V"): true
    case UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "B"): reader.skip(1) != nil
    case UInt8(ascii: "s"), UInt8(ascii: "u"), UInt8(ascii: "U"): reader.skip(2) != nil
    case UInt8(ascii: "I"), UInt8(ascii: "i"), UInt8(ascii: "f"): reader.skip(4) != nil
    case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "d"), UInt8(ascii: "T"): reader.skip(8) != nil
    case UInt8(ascii: "D"): reader.skip(5) != nil
    case UInt8(ascii: "S"), UInt8(ascii: "x"): skipSized(&reader) != nil
    case UInt8(ascii: "F"): skipNested(&reader, depth: depth) { entry(&$0, depth: depth + 1) != nil }
    case UInt8(ascii: "A"):
      skipNested(&reader, depth: depth) { inner in
        inner.readUInt8().map { skipValue(kind: $0, &inner, depth: depth + 1) } ?? false
      }
    default: false
    }
  }

  private static func skipSized(_ reader: inout ByteReader) -> Range<Int>? {
    guard let length = reader.readUInt32(), let start = reader.skip(Int(length)) else { return nil }
    return start..<start + Int(length)
  }

  private static func skipNested(
    _ reader: inout ByteReader, depth: Int, _ skipElement: (inout ByteReader) -> Bool
  ) -> Bool {
    guard depth < HeaderTable.maximumDepth, let range = skipSized(&reader) else { return false }
    var inner = ByteReader(UnsafeRawBufferPointer(rebasing: reader.bytes[range]))
    while inner.remaining > 0 {
      guard skipElement(&inner) else { return false }
    }
    return true
  }

  /// The value of an integer field of any width; nil for other kinds.
  static func integer(kind: UInt8, _ value: UnsafeRawBufferPointer) -> Int64? {
    var reader = ByteReader(value)
    switch kind {
    case UInt8(ascii: "b"): return reader.readUInt8().map { Int64(Int8(bitPattern: $0)) }
    case UInt8(ascii: "B"): return reader.readUInt8().map(Int64.init)
    case UInt8(ascii: "s"), UInt8(ascii: "U"): return reader.readUInt16().map { Int64(Int16(bitPattern: $0)) }
    case UInt8(ascii: "u"): return reader.readUInt16().map(Int64.init)
    case UInt8(ascii: "I"): return reader.readUInt32().map { Int64(Int32(bitPattern: $0)) }
    case UInt8(ascii: "i"): return reader.readUInt32().map(Int64.init)
    case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "T"):
      return reader.readUInt64().map(Int64.init(bitPattern:))
    default: return nil
    }
  }
}
