/// Decodes the beginning of a base64 text, for a look at the first bytes of an image.
public enum Base64Decoder {
  /// The first bytes that `text` stands for: at most `limit`, and only up to the first byte that is not base64.
  ///
  /// - Parameter text: read during the call only.
  public static func decodePrefix(_ text: UnsafeRawBufferPointer, limit: Int) -> [UInt8] {
    let source = Base64Source(text, isComplete: true)
    let count = min(max(limit, 0), source.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count, let byte = source.byte(at: bytes.count) { bytes.append(byte) }
    return bytes
  }
}
