import Glibc

/// Standard output and standard error, unbuffered.
enum Terminal {
  /// Whether a person watches standard error.
  static var hasErrorScreen: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether a person watches standard output.
  static var hasScreen: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether a person can be asked: standard input and standard error are a terminal.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && hasErrorScreen }

  /// Writes text and a newline to standard output.
  static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Writes text as it is to standard output.
  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes text and a newline to standard error.
  static func printError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes text as it is to standard error.
  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Gives up quietly when nobody reads any more.
  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
