internal import Glibc

/// Who did what. Each action is a line of JSON in a file that only grows, and on standard error.
actor AuditLog {
  private let descriptor: Int32
  private var recent: [AuditEntry]

  /// Actions that are shown.
  static let shown = 200
  private static let tail = 256 << 10

  /// Opens the log at a path, or begins it.
  init(path: String) throws(ConsoleError) {
    let opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else {
      throw ConsoleError("cannot open the audit log \(path): \(String(cString: strerror(errno)))")
    }
    descriptor = opened
    recent = Self.lastEntries(opened)
  }

  deinit { close(descriptor) }

  /// Writes an action down. A log that cannot be written stops the action: nothing is done unseen.
  func write(_ entry: AuditEntry) throws(ConsoleError) {
    recent.append(entry)
    if recent.count > 2 * Self.shown { recent.removeFirst(recent.count - Self.shown) }
    let line = entry.line + [UInt8(ascii: "\n")]
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    let count = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard count == line.count else {
      throw ConsoleError("the audit log cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// The last actions, the latest first.
  var entries: [AuditEntry] { recent.suffix(Self.shown).reversed() }

  private static func lastEntries(_ descriptor: Int32) -> [AuditEntry] {
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: Int(min(max(0, size), off_t(tail))))
    let count = pread(descriptor, &bytes, bytes.count, max(0, size - off_t(tail)))
    guard count > 0 else { return [] }
    return bytes[..<count].split(separator: UInt8(ascii: "\n")).suffix(shown).compactMap { AuditEntry(line: $0) }
  }
}
