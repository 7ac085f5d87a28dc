import EventLoop
import Glibc

/// What limiting costs for each request, in CPU of the relay. `limiter-benchmark [redis://…]`; ends with 1 above a limit.
@main
enum LimiterBenchmark {
  private static let rounds = 5

  static func main() async throws {
    var isRight = true
    let memory = MemoryMeasurement()
    isRight = show("in memory, permit at once", best { memory.granted() }, limit: 1_000) && isRight
    isRight = show("in memory, behind fifty others", best { memory.waiting() }, limit: 1_000) && isRight
    if CommandLine.arguments.count > 1 {
      let loop = try EventLoop(name: "benchmark")
      let without = try await measure(loop, nil)
      let with = try await measure(loop, CommandLine.arguments[1])
      print("the driver without a limiter: \(without.nanoseconds) ns; leases with Redis: \(with.leases)")
      let limiting = with.nanoseconds - without.nanoseconds
      isRight = with.leases > 0 && show("with Redis, leases and timers included", limiting, limit: 3_000) && isRight
    }
    exit(isRight ? 0 : 1)
  }

  private static func best(_ measure: () -> Int64) -> Int64 { (0..<rounds).map { _ in measure() }.min() ?? .max }

  private static func measure(_ loop: EventLoop, _ address: String?) async throws -> (nanoseconds: Int64, leases: Int) {
    let measurement = try await RedisMeasurement.make(loop, address)
    return (await measurement.run(), await measurement.leases)
  }

  private static func show(_ name: String, _ nanoseconds: Int64, limit: Int64) -> Bool {
    print("\(name): \(nanoseconds) ns of CPU for each request, at most \(limit)")
    return nanoseconds <= limit
  }
}

extension RedisMeasurement {
  /// Makes one on its loop, where the client of Redis belongs.
  static func make(_ loop: EventLoop, _ address: String?) async throws -> RedisMeasurement {
    try await Task(executorPreference: LoopTaskExecutor(loop)) { try RedisMeasurement(loop: loop, address: address) }
      .value
  }
}
