import EventLoop
import Glibc

/// Reads files whole: the configuration, secrets, pictures to send.
package enum WholeFile {
  /// Why a file cannot be read.
  package struct Failure: Error {
    /// The reason, without the file's name.
    package var message: String
  }

  /// The bytes of a file; fails when there are more than `limit`.
  package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Failure(message: "it is larger than \(limit >> 20) MiB") }
    }
  }

  /// The text of a file without the newline that editors put at its end.
  static func readSecret(_ path: String) throws(Failure) -> String {
    var bytes = try read(path, limit: 1 << 20)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(message: "it is not UTF-8 text") }
    guard !text.isEmpty else { throw Failure(message: "it is empty") }
    return text
  }
}
