import Glibc

/// Finds the members of a request object in one pass over its bytes, without copying or decoding any.
///
/// Everything outside of long strings is checked against RFC 8259, nested values included. Of a string that is longer
/// than `strictStringBytes` (an image in base64) only the end is looked for, at memory speed; the OCR service, which
/// gets the bytes untouched, decodes it anyway.
public enum BodyScanner {
  /// Deepest nesting of objects and lists, the request object itself included.
  public static let maxDepth = 64
  /// How many bytes of a string are checked one by one before the scan only looks for its end.
  static let strictStringBytes = 4096

  /// Scans one JSON object with nothing but white space around it.
  ///
  /// - Parameter bytes: read during the call only. Raw and unowned, because the body stays in the delivery's buffer
  ///   and is sent from there: a checked container would need a copy of up to 12 MB. The cursor never reads outside.
  public static func scan(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) -> ScannedMembers {
    guard bytes.count < Int(Int32.max) else { throw ScanFailure(reason: .tooLong, offset: 0) }
    var cursor = JSONCursor(bytes)
    var members = ScannedMembers()
    cursor.skipWhitespace()
    try openObject(&cursor)
    members.bodyStart = cursor.position
    cursor.skipWhitespace()
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        cursor.skipWhitespace()
        try scanMember(&cursor, into: &members)
        cursor.skipWhitespace()
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else { throw cursor.failure(.unexpectedByte) }
    }
    members.bodyEnd = cursor.position
    cursor.skipWhitespace()
    guard cursor.isAtEnd else { throw cursor.failure(.trailingBytes) }
    return members
  }

  private static func openObject(_ cursor: inout JSONCursor) throws(ScanFailure) {
    if cursor.take(UInt8(ascii: "{")) { return }
    if cursor.isAtEnd { throw cursor.failure(.empty) }
    throw cursor.failure(cursor.peek == 0xEF ? .byteOrderMark : .notAnObject)
  }

  @inline(__always)
  private static func scanMember(
    _ cursor: inout JSONCursor, into members: inout ScannedMembers
  ) throws(ScanFailure) {
    let start = cursor.position
    guard cursor.take(UInt8(ascii: "\"")) else { throw cursor.failure(.unexpectedByte) }
    let name = try cursor.scanString()
    // An escaped name could hide `url` from the checks and still mean `url` to the OCR service.
    guard name.escapes == .none else { throw ScanFailure(reason: .escapedName, offset: start) }
    for position in 0..<members.count where cursor.isEqual(members[position].name, name.range) {
      throw ScanFailure(reason: .duplicateName, offset: start)
    }
    cursor.skipWhitespace()
    guard cursor.take(UInt8(ascii: ":")) else { throw cursor.failure(.unexpectedByte) }
    cursor.skipWhitespace()
    let member = try scanValue(&cursor, name: name.range)
    guard members.append(member) else { throw ScanFailure(reason: .tooManyMembers, offset: start) }
  }

  @inline(__always)
  private static func scanValue(
    _ cursor: inout JSONCursor, name: Range<Int>
  ) throws(ScanFailure) -> ScannedMember {
    if cursor.take(UInt8(ascii: "\"")) {
      let string = try cursor.scanString(strictBytes: strictStringBytes)
      return ScannedMember(name: name, value: string.range, kind: .string, escapes: string.escapes)
    }
    let start = cursor.position
    let kind = try cursor.skipScalarOrContainer(depth: 1)
    return ScannedMember(name: name, value: start..<cursor.position, kind: kind, escapes: .none)
  }
}
