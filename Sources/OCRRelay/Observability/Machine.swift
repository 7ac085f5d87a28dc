internal import Glibc

/// Where the process runs.
enum Machine {
  /// The name of the host or container; empty when it has none.
  static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    let length = name.count - 1
    guard gethostname(&name, length) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The process's number.
  static var processID: Int { Int(getpid()) }
}
