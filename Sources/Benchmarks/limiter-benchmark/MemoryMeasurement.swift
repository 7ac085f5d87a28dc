import BenchmarkSupport
import RelayCore

/// What permits cost in one process: no I/O, in simulated time, ten thousand requests a second from ten publishers.
struct MemoryMeasurement {
  static let requests = 1_000_000
  private static let gap = Duration.microseconds(100)
  private let publishers = (0..<10).map { "publisher-\($0)" }
  private let apis = ["general-text", "web-image", "id-card"]

  /// Nanoseconds of CPU for each request when every permit is there at once.
  func granted() -> Int64 {
    run(RatePolicy(limits: [RateLimit(calls: 1_000_000, window: .seconds(1))], probes: false), backlog: 0)
  }

  /// The same when each request waits behind fifty others.
  func waiting() -> Int64 {
    run(RatePolicy(limits: [RateLimit(calls: 10_000, window: .seconds(1))], probes: false), backlog: 50)
  }

  private func run(_ policy: RatePolicy, backlog: Int) -> Int64 {
    var limiter = CallLimiter(policy: policy, lanes: [4, 1], hasSpareLane: true)
    var (now, served, asked) = (Duration.seconds(1), 0, 0)
    let begin = CPUClock.now
    while served < Self.requests {
      now += Self.gap
      while asked < Self.requests, asked - served < max(1, backlog) {
        let entry = limiter.enter(
          publisher: publishers[asked % 10], api: apis[asked % 3], lane: asked % 2, deadline: now + .seconds(600),
          now: now)
        asked += 1
        if case .granted(let permit) = entry {
          limiter.ended(permit, now: now)
          served += 1
          break
        }
      }
      while case .granted(_, let permit)? = limiter.next(now: now) {
        limiter.ended(permit, now: now)
        served += 1
      }
      _ = limiter.nextWake(now: now)
    }
    return (CPUClock.now - begin) / Int64(Self.requests)
  }
}
