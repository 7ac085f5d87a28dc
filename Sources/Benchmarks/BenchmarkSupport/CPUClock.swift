import Glibc

/// Processor time of this process, all threads.
public enum CPUClock {
  /// Nanoseconds since the start of the process.
  public static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
