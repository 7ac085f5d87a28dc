/// Sixteen bytes of a text that are looked at together, with the vector instructions that every x86-64 and arm64 has.
///
/// A look gives marks: two words with one byte for each of the sixteen, with all bits set where it matched and none
/// elsewhere. The first byte of the block is the lowest of the first word: `trailingZeroBitCount / 8` counts bytes.
struct ByteBlock {
  /// How many bytes a block has.
  static let size = 16

  // Every operand is of this type, constants included: the operators on vectors and scalars are loops over the lanes.
  private typealias Lanes = SIMD16<UInt8>
  private let bytes: SIMD16<UInt8>

  /// The bytes at an address. Unsafe: all sixteen must be readable.
  @inline(__always)
  init(at address: UnsafeRawPointer) {
    bytes = address.loadUnaligned(as: SIMD16<UInt8>.self)
  }

  /// Marks what tells apart the parts of a JSON text: quotes, backslashes, brackets, braces and commas. The bar `|`,
  /// which no JSON text has outside of strings, is marked as well.
  @inline(__always)
  var structure: SIMD2<UInt64> {
    // One bit makes braces of brackets and a bar of a backslash: three neighbours.
    let brackets = ((bytes | Lanes(repeating: 0x20)) &- Lanes(repeating: 0x7B)) .< Lanes(repeating: 3)
    return Self.marks(brackets .| (bytes .== Lanes(repeating: 0x22)) .| (bytes .== Lanes(repeating: 0x2C)))
  }

  /// Marks what ends plain text within a JSON string: quotes, backslashes and control characters.
  @inline(__always)
  var endsOfPlainText: SIMD2<UInt64> {
    let controls = bytes .< Lanes(repeating: 0x20)
    return Self.marks(controls .| (bytes .== Lanes(repeating: 0x22)) .| (bytes .== Lanes(repeating: 0x5C)))
  }

  /// Marks what may not stand in an address: spaces, control characters, backslashes and all that is not ASCII.
  @inline(__always)
  var forbiddenInURL: SIMD2<UInt64> {
    let outside = (bytes &- Lanes(repeating: 0x21)) .>= Lanes(repeating: 0x5E)
    return Self.marks(outside .| (bytes .== Lanes(repeating: 0x5C)))
  }

  @inline(__always)
  private static func marks(_ matches: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
    // Unsafe: a mask of sixteen lanes is sixteen bytes, with all bits set or none.
    unsafeBitCast(matches, to: SIMD2<UInt64>.self)
  }

  /// The marks as the lowest sixteen bits of a word, the first byte's lowest.
  @inline(__always)
  static func bits(_ marks: SIMD2<UInt64>) -> UInt64 {
    // Each byte keeps another bit; the multiplication gathers them in the highest byte.
    let single: UInt64 = 0x8040_2010_0804_0201
    let ones: UInt64 = 0x0101_0101_0101_0101
    return ((marks[0] & single) &* ones) >> 56 | (((marks[1] & single) &* ones) >> 56) << 8
  }

  /// How many bytes at the start of a text need no closer look. The next one is marked, or fewer than sixteen are left.
  ///
  /// Unsafe: `count` bytes must be readable at `text`.
  @inline(__always)
  static func unmarked(_ text: UnsafeRawPointer, count: Int, _ look: (ByteBlock) -> SIMD2<UInt64>) -> Int {
    var offset = 0
    while offset &+ size <= count {
      let marks = look(ByteBlock(at: text + offset))
      if marks[0] != 0 { return offset &+ marks[0].trailingZeroBitCount >> 3 }
      if marks[1] != 0 { return offset &+ 8 &+ marks[1].trailingZeroBitCount >> 3 }
      offset &+= size
      // Names and most values end early; what does not is likely to be long.
      while offset &+ 4 &* size <= count {
        let block = text + offset
        let marks =
          look(ByteBlock(at: block)) | look(ByteBlock(at: block + size)) | look(ByteBlock(at: block + 2 * size))
          | look(ByteBlock(at: block + 3 * size))
        if marks[0] | marks[1] != 0 { break }
        offset &+= 4 &* size
      }
    }
    return offset
  }
}
