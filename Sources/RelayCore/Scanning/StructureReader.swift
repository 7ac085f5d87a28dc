/// Goes through a JSON text from one quote, backslash, bracket, brace or comma to the next: see `ByteBlock.structure`.
/// Sixty-four bytes are looked at together; whatever lies between is never touched.
///
/// Unsafe inside: it holds bytes that it does not own, for the time of one walk.
struct StructureReader {
  private let base: UnsafeRawPointer
  private let count: Int
  /// One bit for each marked byte of the current group that is still to come, the first byte's lowest.
  private var marks: UInt64 = 0
  /// Where the current group starts, and where the next one does.
  private var group = 0
  private var nextGroup = 0

  private static let groupSize = 64

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address; any address will do, because nothing is read when `count` is 0.
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    count = bytes.baseAddress == nil ? 0 : bytes.count
  }

  /// Where the next marked byte is; nil behind the last one.
  @inline(__always)
  mutating func peek() -> Int? {
    while marks == 0 {
      guard nextGroup < count else { return nil }
      group = nextGroup
      nextGroup &+= Self.groupSize
      marks = Self.marks(base + group, count: count &- group)
    }
    return group &+ marks.trailingZeroBitCount
  }

  /// Where the next marked byte is, which is taken; nil behind the last one.
  @inline(__always)
  mutating func next() -> Int? {
    let position = peek()
    take()
    return position
  }

  /// Steps over the byte that `peek` told of.
  @inline(__always)
  mutating func take() {
    marks &= marks &- 1
  }

  /// Takes marked bytes up to the quote that ends a string; gives its place, or nil when there is none.
  @inline(__always)
  mutating func endOfString() -> Int? {
    var escapeEnd = 0
    while let position = next() {
      guard position >= escapeEnd else { continue }
      switch base.load(fromByteOffset: position, as: UInt8.self) {
      case UInt8(ascii: "\""): return position
      case UInt8(ascii: "\\"): escapeEnd = position &+ 2
      default: continue
      }
    }
    return nil
  }

  /// The marks of a group that starts `count` bytes before the end of the text.
  @inline(never)
  private static func marks(_ group: UnsafeRawPointer, count: Int) -> UInt64 {
    guard count < groupSize else { return marks(group) }
    // Zeros, which are never marked, stand for what the last group lacks.
    var padded = SIMD64<UInt8>()
    return withUnsafeMutableBytes(of: &padded) { room in
      room.copyMemory(from: UnsafeRawBufferPointer(start: group, count: count))
      return room.baseAddress.map { marks(UnsafeRawPointer($0)) } ?? 0
    }
  }

  @inline(__always)
  private static func marks(_ group: UnsafeRawPointer) -> UInt64 {
    var marks: UInt64 = 0
    for block in 0..<4 {
      let offset = block &* ByteBlock.size
      marks |= ByteBlock.bits(ByteBlock(at: group + offset).structure) &<< UInt64(truncatingIfNeeded: offset)
    }
    return marks
  }
}
