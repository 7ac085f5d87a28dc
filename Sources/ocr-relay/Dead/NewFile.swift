import DeadLetters
import EventLoop
import Glibc

/// Files that are made once and that only their owner may read: requests are personal data.
enum NewFile {
  /// Writes a file; one that is there already is not touched and is an error.
  static func write(_ bytes: [UInt8], to path: String) throws(DeadLetterError) {
    let descriptor = try create(path)
    defer { close(descriptor) }
    try append(bytes, to: descriptor, path)
  }

  /// Makes an empty file and opens it.
  static func create(_ path: String) throws(DeadLetterError) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    return descriptor
  }

  /// Writes behind what is there.
  static func append(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(DeadLetterError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes a folder unless it is there.
  static func makeFolder(_ path: String) throws(DeadLetterError) {
    guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
    throw failure(path)
  }

  private static func failure(_ path: String) -> DeadLetterError {
    .file(path: path, reason: systemErrorMessage(errno))
  }
}
