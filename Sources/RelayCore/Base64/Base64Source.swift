/// The bytes that a base64 text stands for, decoded one by one where they are asked for. The image sniffer jumps from
/// header to header, so looking at a 10 MB image decodes a few dozen characters and allocates nothing.
///
/// Unsafe inside: a view of text that it does not own, made and dropped within one call of the validator. Every read
/// is checked against the length.
struct Base64Source: ByteSource {
  private let text: UnsafeRawBufferPointer
  let count: Int
  let isComplete: Bool

  /// - Parameter isComplete: false when `text` is only the beginning of the image.
  init(_ text: UnsafeRawBufferPointer, isComplete: Bool) {
    var end = text.count
    while end > 0, text.count - end < 2, text[end - 1] == Base64Alphabet.padding { end -= 1 }
    self.text = UnsafeRawBufferPointer(rebasing: text[..<end])
    count = end / 4 * 3 + max(end % 4 - 1, 0)
    self.isComplete = isComplete
  }

  func byte(at offset: Int) -> UInt8? {
    guard offset >= 0, offset < count else { return nil }
    let first = offset / 3 * 4 + offset % 3
    guard first + 1 < text.count, let high = Base64Alphabet.value(of: text[first]),
      let low = Base64Alphabet.value(of: text[first + 1])
    else { return nil }
    return switch offset % 3 {
    case 0: high << 2 | low >> 4
    case 1: high << 4 | low >> 2
    default: high << 6 | low
    }
  }
}
