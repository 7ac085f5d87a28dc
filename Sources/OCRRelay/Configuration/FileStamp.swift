internal import CLinux

/// What of a file shows that it has been replaced or written. Nil when there is no such file.
struct FileStamp: Equatable {
  private var parts: [Int64]

  init?(_ path: String) {
    var stamp = file_stamp()
    guard read_file_stamp(path, &stamp) == 0 else { return nil }
    parts = [stamp.device, stamp.inode, stamp.size, stamp.changed_seconds, stamp.changed_nanoseconds]
  }
}
