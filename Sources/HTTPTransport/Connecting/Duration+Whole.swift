internal import EventLoop

extension Duration {
  /// Milliseconds, rounded up, at least 1 and within what libcurl's options hold.
  var wholeMilliseconds: Int { whole(1_000_000, ofNanoseconds: saturatingNanoseconds) }

  /// Seconds, rounded up, at least 1 and within what libcurl's options hold.
  var wholeSeconds: Int { whole(1_000_000_000, ofNanoseconds: saturatingNanoseconds) }
}

/// Milliseconds, rounded up, at least 1 and within what libcurl's options hold.
func wholeMilliseconds(ofNanoseconds nanoseconds: Int64) -> Int { whole(1_000_000, ofNanoseconds: nanoseconds) }

@inline(__always)
private func whole(_ unit: Int64, ofNanoseconds nanoseconds: Int64) -> Int {
  let nanoseconds = max(nanoseconds, 1)
  let count = nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1)
  return Int(min(count, Int64(Int32.max) / 1000))
}
