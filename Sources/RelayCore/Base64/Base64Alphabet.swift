/// The standard alphabet of RFC 4648, section 4.
enum Base64Alphabet {
  /// The padding character, `=`.
  static let padding = UInt8(ascii: "=")

  /// The six bits that a character stands for; nil outside of the alphabet.
  @inline(__always)
  static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  /// Offset of the first byte that is not in the alphabet; padding is not in it either.
  static func firstForeignByte(in text: UnsafeRawBufferPointer) -> Int? {
    var offset = 0
    // Sixteen at a time while all is well; the exact place is looked for only when there is something to report.
    while offset + 16 <= text.count {
      let block = text.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
      guard isAllInside(block) else { break }
      offset += 16
    }
    while offset < text.count {
      guard value(of: text[offset]) != nil else { return offset }
      offset += 1
    }
    return nil
  }

  @inline(__always)
  private static func isAllInside(_ block: SIMD16<UInt8>) -> Bool {
    // The range check `c - first < length` on unsigned bytes; bit 0x20 folds the two cases of letters into one.
    let letters = ((block | 0x20) &- UInt8(ascii: "a")) .< 26
    let digits = (block &- UInt8(ascii: "/")) .< 11  // the slash stands before the digits
    let plus = block .== UInt8(ascii: "+")
    let inside = SIMD16<UInt8>(repeating: 0).replacing(with: 0xFF, where: letters .| digits .| plus)
    let halves = unsafeBitCast(inside, to: SIMD2<UInt64>.self)  // same size, any bit pattern is valid
    return halves.x & halves.y == .max
  }
}
