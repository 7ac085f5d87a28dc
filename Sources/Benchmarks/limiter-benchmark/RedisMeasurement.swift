import BenchmarkSupport
import EventLoop
import OCRRelay
import RedisStore
import RelayCore

/// What permits cost a relay that shares the rate through a real Redis: ten thousand requests a second for some seconds,
/// several a turn, served as their slots come. The same is done without a limiter, to know what the driver itself costs.
actor RedisMeasurement {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private static let perTick = 20
  private static let tick = Duration.milliseconds(2)
  private static let seconds = 5

  private let client: RedisClient?
  private var keeper: FleetKeeper?
  private var limiter = CallLimiter(
    policy: RatePolicy(limits: [RateLimit(calls: 11_000, window: .seconds(1))], probes: false))
  private var timer: LoopTimer?
  private var asked = 0
  private(set) var served = 0
  private(set) var leases = 0
  private var dueTicks = 0
  private var finished: CheckedContinuation<Void, Never>?

  /// With the address of a Redis, or nil for the comparison: requests are served as they come.
  init(loop: EventLoop, address: String?) throws {
    self.loop = loop
    client = try address.map {
      RedisClient(
        endpoint: try RedisURL.parse($0), options: RedisOptions(budget: .milliseconds(500)), reactor: loop.reactor,
        pool: BufferPool())
    }
  }

  /// Nanoseconds of CPU for each request.
  func run() async -> Int64 {
    if let client {
      client.start()
      await withCheckedContinuation { continuation in client.whenSettled { continuation.resume() } }
      keeper = FleetKeeper(client: client, prefix: "benchmark:", name: "benchmark", member: "1")
      limiter.join(FleetPolicy(), now: now, jitter: 0)
    }
    timer = loop.reactor.makeTimer { [unowned self] in assumeIsolated { $0.turn() } }
    timer?.arm(after: Self.tick)
    await settle()
    (asked, served, leases) = (0, 0, 0)
    let begin = CPUClock.now
    await go(ticks: Self.seconds * Int(1 / (Self.tick / .seconds(1))))
    let spent = CPUClock.now - begin
    timer?.invalidate()
    client?.stop()
    return spent / Int64(max(1, served))
  }

  /// A second for the first leases.
  private func settle() async { await go(ticks: 500) }

  private func go(ticks: Int) async {
    dueTicks = ticks
    await withCheckedContinuation { finished = $0 }
  }

  private var now: Duration { .nanoseconds(loop.reactor.now.nanoseconds) }

  private func turn() {
    let now = now
    if dueTicks > 0 {
      for index in 0..<Self.perTick {
        asked += 1
        guard keeper != nil else {
          served += 1
          continue
        }
        let entry = limiter.enter(
          publisher: index % 2 == 0 ? "orders" : "scans", api: "general-text", deadline: now + .seconds(600), now: now)
        if case .granted(let permit) = entry { ended(permit) }
      }
      dueTicks -= 1
    }
    serve()
    if dueTicks == 0, let finished {
      self.finished = nil
      finished.resume()
    }
    timer?.arm(after: Self.tick)
  }

  private func ended(_ permit: CallPermit) {
    limiter.ended(permit, now: now)
    served += 1
  }

  private func serve() {
    while case .granted(_, let permit)? = limiter.next(now: now) { ended(permit) }
    guard let keeper, let request = limiter.leaseRequest(now: now) else { return }
    leases += 1
    keeper.lease(request) { [unowned self] answer in assumeIsolated { $0.leased(answer) } }
  }

  private func leased(_ answer: LeaseAnswer?) {
    if let answer { limiter.leased(answer, now: now) } else { limiter.leaseFailed(now: now, jitter: 0) }
    serve()
  }
}
