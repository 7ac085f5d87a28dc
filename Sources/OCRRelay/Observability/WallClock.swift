internal import CLinux
internal import Glibc

/// The wall clock, for times that other programs read; never for measuring.
enum WallClock {
  /// Milliseconds since 1970.
  static func milliseconds() -> Int64 {
    clock_milliseconds_since_1970()
  }

  /// Nanoseconds since 1970; they last until the year 2262.
  static func nanoseconds() -> Int64 {
    clock_nanoseconds_since_1970()
  }

  /// UTC as `2026-01-02T03:04:05.678Z`.
  static func text(milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ value: some BinaryInteger, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
    return "\(date)T\(time).\(padded(milliseconds % 1_000, 3))Z"
  }
}
