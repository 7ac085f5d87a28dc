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
      let block = text.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
      guard isAllInside(block) else { break }
      offset += 16
    }
    while offset < text.count {
      guard value(of: text[offset]) != nil else { return offset }
      offset += 1
    }
    return nil
  }

  /// A difference of signed bytes is negative on the wrong side of a bound, so that the sign bits say who is outside.
  /// Plain arithmetic, because Swift's vector comparisons do not become vector instructions.
  @inline(__always)
  private static func isAllInside(_ block: SIMD16<Int8>) -> Bool {
    let letter = block | SIMD16(repeating: 0x20)  // folds the two cases into one
    let noLetter = (letter &- SIMD16(repeating: 0x61)) | (SIMD16(repeating: 0x7A) &- letter)
    let noDigit = (block &- SIMD16(repeating: 0x2F)) | (SIMD16(repeating: 0x39) &- block)  // the slash precedes 0
    let plus = block ^ SIMD16(repeating: 0x2B)
    let noPlus = plus | (SIMD16(repeating: 0) &- plus)
    // Same size, any bit pattern is valid.
    let outside = unsafeBitCast(noLetter & noDigit & noPlus, to: SIMD2<UInt64>.self)
    return (outside.x | outside.y) & 0x8080_8080_8080_8080 == 0
  }
}
