/// Which bytes of a large body stand for it.
///
/// Pictures are compressed: two that differ anywhere differ in length or in nearly every byte behind that place.
enum BodySample {
  /// Bodies up to this many bytes stand for themselves.
  static let wholeBytes = 4_096
  private static let endBytes = 512
  private static let pieceCount = 32
  private static let pieceBytes = 32

  /// Both ends, and pieces at equal distances between them, of a body with more than `wholeBytes` bytes.
  static func pieces(ofBodyWith count: Int) -> some Sequence<Range<Int>> {
    let between = count - 2 * endBytes - pieceBytes
    return (-1...pieceCount).lazy.map { index in
      switch index {
      case -1: return 0..<endBytes
      case pieceCount: return count - endBytes..<count
      default:
        let start = endBytes + between / (pieceCount - 1) * index
        return start..<start + pieceBytes
      }
    }
  }
}
