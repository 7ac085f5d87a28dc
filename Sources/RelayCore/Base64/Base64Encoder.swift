/// Encodes bytes as base64 (RFC 4648, with padding and without line breaks) piece by piece into buffers of any size.
///
/// The state is one number, the count of characters already given out, so it can stop and go on anywhere: the HTTP
/// client asks for as much as it can send. Copying the encoder copies the position.
public struct Base64Encoder: Sendable {
  /// Number of bytes to be encoded in all.
  public let inputCount: Int
  /// Number of characters in all.
  public let encodedCount: Int
  /// Number of characters given out so far.
  public private(set) var position = 0

  /// An encoder for `inputCount` bytes, at the beginning; nil when the text would not fit an `Int`.
  public init?(inputCount: Int) {
    guard let encodedCount = Self.encodedCount(of: inputCount) else { return nil }
    self.inputCount = inputCount
    self.encodedCount = encodedCount
  }

  /// Length of the encoded text of `inputCount` bytes; nil when it does not fit an `Int`.
  public static func encodedCount(of inputCount: Int) -> Int? {
    guard inputCount >= 0 else { return nil }
    let groups = inputCount / 3 + (inputCount % 3 == 0 ? 0 : 1)
    let (count, overflows) = groups.multipliedReportingOverflow(by: 4)
    return overflows ? nil : count
  }

  /// True when everything has been given out.
  public var isAtEnd: Bool { position >= encodedCount }

  /// Goes to any place of the encoded text: 0 to send it again from the start.
  public mutating func seek(to position: Int) { self.position = max(0, min(position, encodedCount)) }

  /// Writes the next characters, as many as there is room for, and returns how many; 0 at the end.
  ///
  /// - Parameters:
  ///   - input: the same `inputCount` bytes at every call. Raw and unowned: they are encoded out of the delivery's
  ///     buffer straight into that of the HTTP client, and neither is touched after the call.
  ///   - output: the room to fill; it must not overlap `input`.
  public mutating func read(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
    guard input.count == inputCount else { return 0 }
    let start = position
    let end = start + min(output.count, encodedCount - start)
    // The rest of a group that was begun before, whole groups, the beginning of one that does not fit or is padded.
    copyCharacters(input, into: output, from: start, until: min(end, (start + 3) & ~3))
    let groups = min(end / 4, inputCount / 3) - position / 4
    if position.isMultiple(of: 4), groups > 0, let source = input.baseAddress, let target = output.baseAddress {
      // Unsafe: `groups` was bounded by both lengths two lines above.
      Base64Kernel.encode(source + position / 4 * 3, groups: groups, into: target + (position - start))
      position += groups * 4
    }
    copyCharacters(input, into: output, from: start, until: end)
    return position - start
  }

  /// Writes single characters up to `end`; `start` is the position of the first byte of `output`.
  private mutating func copyCharacters(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, from start: Int, until end: Int
  ) {
    while position < end {
      let first = position / 4 * 3
      let rest = inputCount - first
      let group = Base64Kernel.encodeGroup(
        input[first], rest > 1 ? input[first + 1] : nil, rest > 2 ? input[first + 2] : nil)
      output[position - start] = group[position & 3]
      position += 1
    }
  }
}
