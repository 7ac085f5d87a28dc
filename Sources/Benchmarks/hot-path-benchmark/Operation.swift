import AllocationCounter
import BenchmarkSupport

/// One step of the way from request to reply, and how often it may allocate.
struct Operation {
  let name: String
  /// Most blocks of memory that the step may ask for; measured, so any more is news.
  let mostAllocations: Int
  let run: () -> Void

  /// What one execution takes, once everything that is made once is there.
  struct Figures {
    var allocations: Double
    var nanoseconds: Int64
  }

  private static let counted = 1_000

  func measure() -> Figures {
    for _ in 0..<Self.counted { run() }
    let before = allocation_count()
    for _ in 0..<Self.counted { run() }
    let allocations = Double(allocation_count() - before) / Double(Self.counted)
    return Figures(allocations: allocations, nanoseconds: bestTime())
  }

  /// CPU of one execution, the best of several rounds, so that other work on the machine counts little.
  private func bestTime() -> Int64 {
    var best = Int64.max
    for _ in 0..<10 {
      let begin = CPUClock.now
      for _ in 0..<Self.counted / 10 { run() }
      best = min(best, (CPUClock.now - begin) / Int64(Self.counted / 10))
    }
    return best
  }
}
