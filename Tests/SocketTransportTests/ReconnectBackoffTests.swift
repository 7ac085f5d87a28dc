import SocketTransport
import TestSupport
import Testing

@Suite struct ReconnectBackoffTests {
  @Test(arguments: [
    Duration.milliseconds(250)...Duration.seconds(5), .milliseconds(1)...(.milliseconds(1)), .zero...(.zero),
    .seconds(1)...(.seconds(100_000_000_000)),
  ])
  func delaysDoubleWithinTheBounds(bounds: ClosedRange<Duration>) {
    var random = SeededRandom.announced()
    var backoff = ReconnectBackoff(bounds: bounds)
    for attempt in 0..<100 {
      let base = min(bounds.lowerBound * (1 << min(attempt, 16)), bounds.upperBound)
      let delay = backoff.next(using: &random)
      #expect(
        delay >= base / 2 - .nanoseconds(1) && delay <= max(base, .nanoseconds(1)), "attempt \(attempt): \(delay)")
    }
    backoff.reset()
    #expect(backoff.next(using: &random) <= max(bounds.lowerBound, .nanoseconds(1)))
  }
}
