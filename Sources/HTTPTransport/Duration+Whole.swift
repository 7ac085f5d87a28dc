internal import EventLoop

extension Duration {
  /// Milliseconds, rounded up, at least 1 and within what libcurl's options hold.
  var wholeMilliseconds: Int { whole(1_000_000) }

  /// Seconds, rounded up, at least 1 and within what libcurl's options hold.
  var wholeSeconds: Int { whole(1_000_000_000) }

  private func whole(_ unit: Int64) -> Int {
    let nanoseconds = max(saturatingNanoseconds, 1)
    let count = nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1)
    return Int(min(count, Int64(Int32.max) / 1000))
  }
}
