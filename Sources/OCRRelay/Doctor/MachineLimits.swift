internal import Glibc

/// What the system lets this process have.
struct MachineLimits: Sendable, Equatable {
  /// File descriptors that may be open; nil when unknown.
  var descriptors: Int?
  /// Memory of the control group in bytes; nil without a limit.
  var memory: Int?
  /// Whether the wall clock is later than this program can have been made.
  var isClockPlausible = true

  /// 2026-01-01, in seconds since 1970.
  private static let earliestTime: Int64 = 1_767_225_600

  /// Asks the system.
  static func now() -> MachineLimits {
    var limits = MachineLimits()
    var files = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
      limits.descriptors = Int(clamping: files.rlim_cur)
    }
    if let bytes = try? WholeFile.read("/sys/fs/cgroup/memory.max", limit: 1 << 10) {
      limits.memory = Int(String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? "")
    }
    limits.isClockPlausible = WallClock.milliseconds() / 1_000 >= earliestTime
    return limits
  }
}
