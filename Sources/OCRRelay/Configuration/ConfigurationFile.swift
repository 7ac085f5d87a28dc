import EventLoop
import Glibc

/// Reads small files whole: the configuration itself and files with secrets.
enum ConfigurationFile {
  /// Largest file that is read; a configuration has a few kilobytes.
  static let maximumBytes = 1 << 20

  /// Why a file cannot be read.
  struct Failure: Error {
    var message: String
  }

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= maximumBytes else { throw Failure(message: "it is larger than 1 MiB") }
    }
  }

  /// The text of a file without the newline that editors put at its end.
  static func readSecret(_ path: String) throws(Failure) -> String {
    var bytes = try read(path)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(message: "it is not UTF-8 text") }
    guard !text.isEmpty else { throw Failure(message: "it is empty") }
    return text
  }
}
