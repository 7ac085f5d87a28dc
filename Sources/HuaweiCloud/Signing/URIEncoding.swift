/// Percent-encoding as signatures want it (RFC 3986): `A-Z a-z 0-9 - _ . ~` stay, all else becomes `%XX`.
enum URIEncoding {
  /// Appends the encoded bytes.
  static func append(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
    for byte in bytes {
      if isUnreserved(byte) {
        text.append(byte)
      } else {
        text.append(UInt8(ascii: "%"))
        text.append(digit(byte >> 4))
        text.append(digit(byte & 15))
      }
    }
  }

  /// Appends a path in canonical form: decoded as a whole, each part encoded again, a slash at the end.
  static func appendPath(_ path: String, to text: inout [UInt8]) {
    let parts = decoded(Array(path.utf8)).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index > 0 { text.append(UInt8(ascii: "/")) }
      append(part, to: &text)
    }
    if text.last != UInt8(ascii: "/") { text.append(UInt8(ascii: "/")) }
  }

  /// Appends a query in canonical form: pairs in order of name, then value, byte by byte before encoding.
  static func appendQuery(_ query: [(name: String, value: String)], to text: inout [UInt8]) {
    let pairs = query.map { (Array($0.name.utf8), Array($0.value.utf8)) }.sorted { left, right in
      left.0 == right.0 ? left.1.lexicographicallyPrecedes(right.1) : left.0.lexicographicallyPrecedes(right.0)
    }
    for (index, (name, value)) in pairs.enumerated() {
      if index > 0 { text.append(UInt8(ascii: "&")) }
      append(name, to: &text)
      text.append(UInt8(ascii: "="))
      append(value, to: &text)
    }
  }

  /// What is not a complete `%XX` stays as it is.
  private static func decoded(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = value(text[index + 1]),
        let low = value(text[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
