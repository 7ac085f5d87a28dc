/// Where the fields of a content header's properties are, and the values of those with a fixed size.
@usableFromInline
struct PropertyPlaces: Sendable {
  @usableFromInline private(set) var flags: UInt16 = 0
  /// Offset << 8 | length of each short string field by its flag bit; 0 when absent.
  @usableFromInline private(set) var shortStrings = InlineArray<16, UInt32>(repeating: 0)
  /// The entries of the header table.
  private(set) var headers = 0..<0
  private(set) var deliveryMode: UInt8?
  private(set) var priority: UInt8?
  private(set) var timestamp: UInt64?

  /// Of properties without any field.
  init() {}

  /// Finds the fields in the property part of a content header frame. Nil when it is malformed; headers nested too
  /// deeply count as malformed.
  init?(reading source: UnsafeRawBufferPointer) {
    var reader = ByteReader(source)
    // The lowest bit announces further flags, which no field of AMQP 0-9-1 needs.
    guard let flags = reader.readUInt16(), flags & 1 == 0 else { return nil }
    self.flags = flags
    var unread = flags
    while unread != 0 {
      let bit = 15 - unread.leadingZeroBitCount
      guard bit >= 2 else { break }
      guard readField(bit, &reader) else { return nil }
      unread &= ~(1 << bit)
    }
    guard reader.remaining == 0 else { return nil }
    guard headers.isEmpty || HeaderTable.isWellFormed(UnsafeRawBufferPointer(rebasing: source[headers])) else {
      return nil
    }
  }

  private mutating func readField(_ bit: Int, _ reader: inout ByteReader) -> Bool {
    switch bit {
    case PropertyField.headers.rawValue:
      guard let length = reader.readUInt32(), let start = reader.skip(Int(length)) else { return false }
      headers = start..<start + Int(length)
    case PropertyField.deliveryMode.rawValue:
      deliveryMode = reader.readUInt8()
      return deliveryMode != nil
    case PropertyField.priority.rawValue:
      priority = reader.readUInt8()
      return priority != nil
    case PropertyField.timestamp.rawValue:
      timestamp = reader.readUInt64()
      return timestamp != nil
    default:
      guard let length = reader.readUInt8(), let start = reader.skip(Int(length)) else { return false }
      shortStrings[bit] = UInt32(start) << 8 | UInt32(length)
    }
    return true
  }

  /// Where the text of a short string field is; nil when the field is absent.
  @inlinable
  func shortString(_ field: PropertyField) -> Range<Int>? {
    guard flags & (1 << field.rawValue) != 0 else { return nil }
    let place = shortStrings[field.rawValue]
    let start = Int(place >> 8)
    return start..<start + Int(place & 0xFF)
  }
}
