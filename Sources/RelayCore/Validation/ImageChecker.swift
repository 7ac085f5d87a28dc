import Glibc
import OCRContract

/// Checks an image against what its API documents, by its length and its first bytes.
struct ImageChecker {
  /// How much of a base64 text is checked character by character.
  static let checkedCharacters = 4096
  /// How much of a text with escape sequences is decoded for a look at the header.
  static let decodedCharacters = 64 << 10

  let limits: ImageLimits
  let policy: ValidationPolicy

  /// Checks base64 text out of a JSON string.
  ///
  /// - Parameter text: the string without its quotes, read during the call only. Unowned, because it is the image.
  func checkBase64(_ text: UnsafeRawBufferPointer, escapes: ScannedMember.Escapes) throws(RequestRejection) {
    guard !text.isEmpty else { throw RequestRejection(.imageMissing, "the image is an empty string") }
    if text.count >= 5, ASCII.isEqual(UnsafeRawBufferPointer(rebasing: text.prefix(5)), "data:") {
      throw RequestRejection(
        .imageNotBase64, "the image begins with \"data:\"; send the base64 text alone, without this prefix")
    }
    guard escapes != .present else { return try checkEscaped(text) }
    let foreign = firstForeignByte(in: text)
    if let foreign, text[foreign] == UInt8(ascii: "\\") { return try checkEscaped(text) }
    let isOdd = text.count > limits.maxBase64Bytes || !text.count.isMultiple(of: 4)
    // Escape sequences make the text longer than what it stands for, and may begin behind the checked part.
    if escapes == .unknown, isOdd, hasBackslash(text) { return try checkEscaped(text) }
    try checkLength(text.count)
    try reject(foreign: foreign, in: text)
    try check(ImageSniffer.sniff(base64: text, isComplete: true), declared: nil)
  }

  /// Checks the raw bytes of an image; returns the length of its base64 text.
  func checkBinary(_ bytes: UnsafeRawBufferPointer, declared: ImageKind) throws(RequestRejection) -> Int {
    guard let length = Base64Encoder.encodedCount(of: bytes.count), length <= limits.maxBase64Bytes else {
      throw RequestRejection(
        .imageTooLarge,
        "the image has \(bytes.count) bytes, at most \(limits.maxBase64Bytes / 4 * 3) are allowed")
    }
    try check(ImageSniffer.sniff(bytes, isComplete: true), declared: declared)
    return length
  }

  /// The slow way: some JSON writers escape the slash or the plus sign, and the text is still base64.
  private func checkEscaped(_ text: UnsafeRawBufferPointer) throws(RequestRejection) {
    guard let count = EscapedText.decodedCount(text),
      let start = EscapedText.decoded(text, limit: Self.decodedCharacters)
    else {
      throw RequestRejection(.imageNotBase64, "the image contains an escape sequence that does not belong in base64")
    }
    try checkLength(count)
    // Typed throws do not pass through the standard library's closures, so the result does.
    let result = start.withUnsafeBytes { start in
      Result { () throws(RequestRejection) in
        let isComplete = count == start.count
        let checked = UnsafeRawBufferPointer(rebasing: start.prefix(isComplete ? count : start.count & ~3))
        try reject(foreign: firstForeignByte(in: checked), in: checked)
        try check(ImageSniffer.sniff(base64: checked, isComplete: isComplete), declared: nil)
      }
    }
    try result.get()
  }

  private func checkLength(_ count: Int) throws(RequestRejection) {
    guard count <= limits.maxBase64Bytes else {
      throw RequestRejection(
        .imageTooLarge, "the image has \(count) bytes of base64, at most \(limits.maxBase64Bytes) are allowed")
    }
    guard count.isMultiple(of: 4) else {
      throw RequestRejection(
        .imageNotBase64, "the image has \(count) characters; base64 with its padding is a multiple of 4")
    }
  }

  /// Offset of the first byte that is not base64 in the part that is checked; up to two `=` at the end are.
  private func firstForeignByte(in text: UnsafeRawBufferPointer) -> Int? {
    var end = text.count
    while end > 0, text.count - end < 2, text[end - 1] == Base64Alphabet.padding { end -= 1 }
    return Base64Alphabet.firstForeignByte(
      in: UnsafeRawBufferPointer(rebasing: text.prefix(min(end, Self.checkedCharacters))))
  }

  private func hasBackslash(_ text: UnsafeRawBufferPointer) -> Bool {
    // Unsafe: looks at `text.count` bytes from its own start.
    text.baseAddress.map { memchr($0, Int32(UInt8(ascii: "\\")), text.count) != nil } ?? false
  }

  private func reject(foreign: Int?, in text: UnsafeRawBufferPointer) throws(RequestRejection) {
    guard let foreign else { return }
    let hint =
      switch text[foreign] {
      case 0x0A, 0x0D: "a line break; send base64 without any"
      case UInt8(ascii: "-"), UInt8(ascii: "_"): "a character of the URL-safe alphabet; use the standard one"
      case Base64Alphabet.padding: "padding before its end"
      default: "a character that is not base64"
      }
    throw RequestRejection(.imageNotBase64, "the image has \(hint), at character \(foreign)")
  }

  private func check(_ finding: ImageFinding, declared: ImageKind?) throws(RequestRejection) {
    if let declared, finding.kind != declared {
      let actual = finding.kind.map { "is \($0.label)" } ?? "is something else"
      throw RequestRejection(.contentType, "content_type says \(declared.label), but the image \(actual)")
    }
    guard let kind = finding.kind else {
      guard policy.unrecognisedImages == .forward else {
        throw RequestRejection(.imageFormat, "the image is of no known format; allowed are \(limits.formats.list)")
      }
      return
    }
    guard policy.documentedLimits == .leaveToService || limits.formats.contains(ImageFormats(kind)) else {
      throw RequestRejection(.imageFormat, "the image is \(kind.label); allowed are \(limits.formats.list)")
    }
    switch finding.size {
    case .unknown: return
    case .damaged:
      throw RequestRejection(.imageDamaged, "the \(kind.label) header is cut off or contradicts itself")
    case .pixels(let width, let height): try checkPixels(width, height)
    }
  }

  private func checkPixels(_ width: Int, _ height: Int) throws(RequestRejection) {
    guard policy.documentedLimits == .enforce else { return }
    let (shorter, longer) = (min(width, height), max(width, height))
    guard shorter >= limits.minSide else {
      throw RequestRejection(
        .imageTooSmall,
        "the image has \(width) x \(height) pixels, the shorter side must have at least \(limits.minSide)")
    }
    guard longer <= limits.maxSide else {
      throw RequestRejection(
        .imageTooLarge,
        "the image has \(width) x \(height) pixels, the longer side may have at most \(limits.maxSide)")
    }
    // Cannot overflow: both sides are at most `maxSide`.
    guard width * height <= limits.maxPixels ?? .max else {
      throw RequestRejection(
        .imageTooLarge,
        "the image has \(width) x \(height) pixels, at most \(limits.maxPixels ?? 0) in all are allowed")
    }
  }
}
