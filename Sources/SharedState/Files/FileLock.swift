internal import EventLoop
internal import Glibc

/// An exclusive lock between processes, by `flock` on a file of its own. The system lets go of it when its process ends,
/// however that happens.
struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock; nil when another process has it.
  init?(path: String) throws(FileFailure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileFailure("open \(path)", systemErrorMessage(errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(descriptor)
      if number == EWOULDBLOCK || number == EINTR { return nil }
      throw FileFailure("lock \(path)", systemErrorMessage(number))
    }
  }

  deinit {
    close(descriptor)
  }

  /// Lets go of the lock.
  consuming func release() {}
}
