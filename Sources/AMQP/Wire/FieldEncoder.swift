/// Writes field table entries in wire form.
enum FieldEncoder {
  static func append(key: String, value: FieldValue, to bytes: inout [UInt8]) {
    precondition(key.utf8.count <= 255, "FieldEncoder: header key of \(key.utf8.count) bytes")
    switch value {
    case .bool(let flag): appendEntry(key, "t", size: 1, to: &bytes) { $0.append(flag ? 1 : 0) }
    case .int32(let number): appendEntry(key, "I", size: 4, to: &bytes) { $0.append(bigEndian: number) }
    case .int64(let number): appendEntry(key, "l", size: 8, to: &bytes) { $0.append(bigEndian: number) }
    case .string(let text):
      let count = text.utf8.count
      appendEntry(key, "S", size: 4 + count, to: &bytes) {
        $0.append(bigEndian: UInt32(count))
        $0.append(text)
      }
    case .table(let entries):
      var nested: [UInt8] = []
      for (key, value) in entries.sorted(by: { $0.key < $1.key }) { append(key: key, value: value, to: &nested) }
      appendEntry(key, "F", size: 4, to: &bytes) { $0.append(bigEndian: UInt32(nested.count)) }
      bytes.append(contentsOf: nested)
    }
  }

  /// Makes room once, for key, kind and the `size` bytes that `value` writes.
  @inline(__always)
  private static func appendEntry(
    _ key: String, _ kind: Unicode.Scalar, size: Int, to bytes: inout [UInt8], _ value: (inout Room) -> Void
  ) {
    let count = key.utf8.count
    bytes.append(addingCapacity: 2 + count + size) { span in
      span.withUnsafeMutableBufferPointer { buffer, used in
        var room = Room(UnsafeMutableRawBufferPointer(buffer))
        room.append(UInt8(count))
        room.append(key)
        room.append(UInt8(ascii: kind))
        value(&room)
        used = room.used
      }
    }
  }

  /// Memory that is filled from its start; there is enough for the entry.
  private struct Room {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var used = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) {
      self.bytes = bytes
    }

    mutating func append(_ byte: UInt8) {
      bytes[used] = byte
      used += 1
    }

    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(bigEndian number: Number) {
      bytes.storeBytes(of: number.bigEndian, toByteOffset: used, as: Number.self)
      used += MemoryLayout<Number>.size
    }

    mutating func append(_ text: String) {
      text.withBytes { utf8 in
        UnsafeMutableRawBufferPointer(rebasing: bytes[used...]).copyMemory(from: utf8)
        used += utf8.count
      }
    }
  }
}
