import OCRContract

/// Takes an address apart by RFC 3986, on its bytes. What browsers forgive is refused here: the checks and the OCR
/// service must not read the same address in two ways.
enum URLText {
  /// Offset of the first byte that may not stand in an address unencoded.
  static func firstForbiddenByte(in url: UnsafeRawBufferPointer) -> Int? {
    guard let base = url.baseAddress else { return nil }
    var offset = ByteBlock.unmarked(base, count: url.count) { $0.forbiddenInURL }
    while offset < url.count {
      let byte = url[offset]
      if byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\\") { return offset }
      offset += 1
    }
    return nil
  }

  /// Whether the scheme is https rather than http, and where the authority begins; nil for any other scheme.
  static func scheme(of url: UnsafeRawBufferPointer) -> (isSecure: Bool, authorityStart: Int)? {
    if ASCII.isEqual(UnsafeRawBufferPointer(rebasing: url.prefix(8)), "https://") { return (true, 8) }
    if ASCII.isEqual(UnsafeRawBufferPointer(rebasing: url.prefix(7)), "http://") { return (false, 7) }
    return nil
  }

  /// Everything up to the path, the query or the fragment.
  static func authority(of rest: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
    return UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
  }

  /// The host of an authority, brackets of an IPv6 address included.
  static func host(of authority: UnsafeRawBufferPointer) throws(RequestRejection) -> UnsafeRawBufferPointer {
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw RequestRejection(.urlForbidden, "url must not contain a user name or password")
    }
    let hostEnd: Int
    if authority.first == UInt8(ascii: "["), let bracket = authority.firstIndex(of: UInt8(ascii: "]")) {
      hostEnd = bracket + 1
    } else {
      hostEnd = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.count
    }
    guard hostEnd > 0 else { throw RequestRejection(.urlInvalid, "url has no host") }
    guard isPort(UnsafeRawBufferPointer(rebasing: authority[hostEnd...])) else {
      throw RequestRejection(.urlInvalid, "the port of url is malformed")
    }
    return UnsafeRawBufferPointer(rebasing: authority[..<hostEnd])
  }

  /// Nothing, or a colon and a number from 1 to 65535.
  private static func isPort(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let colon = text.first else { return true }
    guard colon == UInt8(ascii: ":"), (2...6).contains(text.count) else { return false }
    var port = 0
    for byte in text.dropFirst() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
      port = port * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return (1...65535).contains(port)
  }
}
