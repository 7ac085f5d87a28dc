internal import CLinux

/// The wall clock: the times of failures are compared with it.
enum Clock {
  /// Milliseconds since 1970.
  static func milliseconds() -> Int64 { clock_milliseconds_since_1970() }
}
