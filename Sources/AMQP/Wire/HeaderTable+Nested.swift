extension HeaderTable {
  /// The first table of a list under `key`: of `x-death`, the latest death. Nil when there is no such list, or when its
  /// first element is no table.
  public func firstTable(in key: String) -> HeaderTable? {
    firstElement(in: key, kind: UInt8(ascii: "F")).map { HeaderTable(uncheckedWire: Array(bytes[$0])) }
  }

  /// The first text of a list under `key`. Nil when there is no such list, or when its first element is no text.
  public func firstString(in key: String) -> String? {
    firstElement(in: key, kind: UInt8(ascii: "S")).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// The bytes of the first element of a list, behind its length field. The table is well-formed, so lengths hold.
  private func firstElement(in key: String, kind: UInt8) -> Range<Int>? {
    guard let entry = entry(key), entry.kind == UInt8(ascii: "A") else { return nil }
    return bytes.withUnsafeBytes { all in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: all[entry.value]))
      guard reader.readUInt32() != nil, reader.readUInt8() == kind, let length = reader.readUInt32(),
        let start = reader.skip(Int(length))
      else { return nil }
      return entry.value.lowerBound + start..<entry.value.lowerBound + start + Int(length)
    }
  }
}
