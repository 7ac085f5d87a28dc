import RelayCore
import Testing

struct AdaptiveConcurrencyTests {
  private func busy(_ calls: Int, maximum: Int = .max) -> AdaptiveConcurrency {
    var concurrency = AdaptiveConcurrency(maximum: maximum)
    for _ in 0..<calls { concurrency.began() }
    return concurrency
  }

  @Test func theConfiguredBoundHolds() {
    var concurrency = busy(3, maximum: 4)
    #expect(concurrency.allows(now: .zero))
    concurrency.began()
    #expect(!concurrency.allows(now: .zero))
    concurrency.ended(now: .zero)
    #expect(concurrency.allows(now: .zero) && concurrency.limit == 4)
  }

  @Test func aRefusalHalvesWhatWasRunning() {
    var concurrency = busy(16)
    let now = Duration.seconds(100)
    let isCut = concurrency.refused(callBegan: .seconds(99), retryAfter: nil, now: now)
    #expect(isCut && concurrency.limit == 8 && concurrency.inFlight == 15)
    #expect(concurrency.pausedUntil == .seconds(103))
    let again = concurrency.refused(callBegan: .seconds(99), retryAfter: nil, now: now)
    #expect(!again && concurrency.limit == 8, "calls of before the cut say nothing new")
    for _ in 0..<14 { concurrency.ended(now: now) }
    #expect(!concurrency.allows(now: .seconds(102)) && concurrency.allows(now: .seconds(103)))
  }

  @Test func oneCallIsAlwaysAllowed() {
    var concurrency = busy(1)
    for step in 1...5 {
      _ = concurrency.refused(callBegan: .seconds(step * 10), retryAfter: .seconds(5), now: .seconds(step * 10))
      concurrency.began()
    }
    #expect(concurrency.limit == 1 && concurrency.pausedUntil == .seconds(55))
  }

  /// The bound comes back one by one, and a try that is refused takes back just itself.
  @Test func growsSlowlyToTheServicesBound() {
    var concurrency = busy(0)
    var running: [Duration] = []
    var refused = 0
    var now = Duration.zero
    for step in 0..<200_000 {
      now = .milliseconds(10) * step
      if concurrency.allows(now: now), running.count < 40 {
        concurrency.began()
        running.append(now)
        if running.count > 12 {
          running.removeLast()
          refused += 1
          _ = concurrency.refused(callBegan: now, retryAfter: nil, now: now)
        }
      }
      if step % 3 == 0, !running.isEmpty {
        running.removeFirst()
        concurrency.ended(now: now)
      }
    }
    #expect((11...13).contains(concurrency.limit), "limit \(concurrency.limit)")
    #expect(refused < 600, "refused \(refused)")
  }
}
