internal import EventLoop
internal import HTTPTransport
internal import RelayCore

/// A binary request body as the JSON that the OCR service takes: prefix, base64, suffix, encoded while it is sent.
///
/// Isolation: not `Sendable`; read by the HTTP client on the loop that owns the buffer.
final class EncodedBody: HTTPBodySource {
  let length: Int
  private let prefix: [UInt8]
  private let suffix: [UInt8]
  private let source: PooledBuffer
  private var encoder: Base64Encoder
  private var prefixSent = 0
  private var suffixSent = 0

  /// Nil when the encoded size overflows.
  init?(prefix: [UInt8], suffix: [UInt8], source: PooledBuffer) {
    guard let encoder = Base64Encoder(inputCount: source.count) else { return nil }
    self.prefix = prefix
    self.suffix = suffix
    self.source = source
    self.encoder = encoder
    length = prefix.count + encoder.encodedCount + suffix.count
  }

  func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    var written = Self.copy(prefix, from: &prefixSent, into: room)
    if written < room.count, !encoder.isAtEnd {
      written += encoder.read(source.bytes, into: UnsafeMutableRawBufferPointer(rebasing: room[written...]))
    }
    if encoder.isAtEnd, written < room.count {
      written += Self.copy(suffix, from: &suffixSent, into: UnsafeMutableRawBufferPointer(rebasing: room[written...]))
    }
    return written
  }

  func rewind() {
    prefixSent = 0
    suffixSent = 0
    encoder.seek(to: 0)
  }

  private static func copy(_ bytes: [UInt8], from sent: inout Int, into room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(bytes.count - sent, room.count)
    guard count > 0 else { return 0 }
    UnsafeMutableRawBufferPointer(rebasing: room[..<count]).copyBytes(from: bytes[sent..<sent + count])
    sent += count
    return count
  }
}
