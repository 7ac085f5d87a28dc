internal import EventLoop
internal import Glibc

/// Small files that only their owner may read and write.
enum PrivateFile {
  /// The bytes of a file; nil when there is none. Refuses a file that others may read or write, or that somebody else
  /// has put there.
  static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileFailure("open \(path)", systemErrorMessage(errno))
    }
    defer { close(descriptor) }
    let size = try check(descriptor, path)
    guard size <= limit else { throw FileFailure("read \(path)", "it is larger than \(limit) bytes") }
    var bytes = [UInt8](repeating: 0, count: size)
    var count = 0
    while count < size {
      let status = bytes.withUnsafeMutableBytes { raw in
        Glibc.read(descriptor, raw.baseAddress.map { $0 + count }, size - count)
      }
      if status < 0, errno == EINTR { continue }
      guard status >= 0 else { throw FileFailure("read \(path)", systemErrorMessage(errno)) }
      if status == 0 { break }
      count += status
    }
    return Array(bytes.prefix(count))
  }

  /// Writes a new file and puts it in the place of the old one in one step. Only one process at a time may do it.
  static func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
    let new = path + ".new"
    // What a process left behind that was killed here.
    unlink(new)
    let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileFailure("create \(new)", systemErrorMessage(errno)) }
    do throws(FileFailure) {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, new)
    } catch {
      unlink(new)
      throw error
    }
    guard rename(new, path) == 0 else { throw FileFailure("rename \(new)", systemErrorMessage(errno)) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileFailure) {
    var count = 0
    while count < bytes.count {
      let status = bytes.withUnsafeBytes { raw in
        Glibc.write(descriptor, raw.baseAddress.map { $0 + count }, bytes.count - count)
      }
      if status < 0, errno == EINTR { continue }
      guard status > 0 else { throw FileFailure("write \(path)", systemErrorMessage(errno)) }
      count += status
    }
  }

  /// The size of a file that is ours alone.
  private static func check(_ descriptor: Int32, _ path: String) throws(FileFailure) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFailure("look at \(path)", systemErrorMessage(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileFailure("read \(path)", "it is no file") }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw FileFailure("read \(path)", "it belongs to another user, or others may read or write it")
    }
    return Int(status.st_size)
  }
}
