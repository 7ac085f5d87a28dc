import EventLoop
import Glibc

/// Reads whole files.
enum InputFile {
  /// Why a file cannot be read.
  struct Failure: Error {
    var message: String
  }

  /// The bytes of a file; nil when it cannot be read.
  static func contents(of path: String) -> [UInt8]? { try? read(path, limit: .max) }

  /// The bytes of a file of at most `limit` bytes.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(message: systemErrorMessage(errno)) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Failure(message: "it is larger than \(limit >> 20) MiB") }
    }
  }
}
