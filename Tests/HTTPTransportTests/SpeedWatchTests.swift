import EventLoop
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct SpeedWatchTests {
    /// A limit and how many bytes a call moves in each second.
    struct Transfer: Sendable {
      var bytesPerSecond: Int
      var duration: Duration
      /// The rate from the beginning, and from the second at which the transfer changes.
      var rates: (Double, Double)
      var changesAfter = 0.0
      var isEnded: Bool

      init(
        _ bytesPerSecond: Int, _ duration: Duration, _ rates: (Double, Double), changesAfter: Double = 0, ended: Bool
      ) {
        (self.bytesPerSecond, self.duration, self.rates) = (bytesPerSecond, duration, rates)
        (self.changesAfter, isEnded) = (changesAfter, ended)
      }
    }

    static let transfers = [
      // Nothing moves, from the beginning, or after a while.
      Transfer(1024, .seconds(30), (0, 0), ended: true),
      Transfer(1, .seconds(30), (0, 0), ended: true),
      Transfer(1, .seconds(1), (0, 0), ended: true),
      Transfer(1024, .seconds(30), (1e6, 0), changesAfter: 7.6, ended: true),
      Transfer(1024, .seconds(30), (1e6, 0), changesAfter: 14.9, ended: true),
      Transfer(1, .seconds(4), (100, 0), changesAfter: 33.3, ended: true),
      // Something moves.
      Transfer(1024, .seconds(30), (1000, 1000), ended: true),
      Transfer(1024, .seconds(30), (1050, 1050), ended: false),
      Transfer(1024, .seconds(30), (1e6, 1000), changesAfter: 3, ended: true),
      Transfer(1, .seconds(3), (2, 2), ended: false),
      Transfer(1, .seconds(1), (5, 5), ended: false),
      Transfer(1 << 30, .seconds(3600), (2e9, 2e9), ended: false),
      // Faster at last.
      Transfer(1024, .seconds(30), (0, 1e6), changesAfter: 22, ended: false),
      // Off.
      Transfer(0, .seconds(30), (0, 0), ended: false),
    ]

    @Test(arguments: transfers)
    func slowTransfersAreEndedInTime(transfer: Transfer) throws {
      let longest = transfer.duration / .seconds(1)
      var watch = try #require(makeWatch(transfer.bytesPerSecond, transfer.duration))
      var endedAt: Double?
      while endedAt == nil, seconds(watch.next) < transfer.changesAfter + 10 * longest {
        let now = watch.next
        let slowSince = min(seconds(now), transfer.changesAfter)
        let bytes = slowSince * transfer.rates.0 + (seconds(now) - slowSince) * transfer.rates.1
        if watch.isTooSlow(bytes: Int(bytes), now: now) { endedAt = seconds(now) }
      }
      #expect((endedAt != nil) == transfer.isEnded)
      guard let endedAt else { return }
      let slowFor = endedAt - transfer.changesAfter
      #expect(slowFor >= longest * 0.999 && slowFor <= longest * 1.251, "ended after \(slowFor) s")
    }

    @Test func onlyItsOwnTimesCount() throws {
      var watch = try #require(makeWatch(1024, .seconds(4)))
      for nanosecond in 0..<100 {
        // Between two looks nothing is judged, however often it is asked.
        let isTooSlow = watch.isTooSlow(bytes: 0, now: MonotonicInstant(nanoseconds: Int64(nanosecond)))
        #expect(!isTooSlow)
      }
      #expect(watch.next == MonotonicInstant(nanoseconds: 1_000_000_000))
    }

    @Test func lateLooksAreJudgedByAllThatMoved() throws {
      var watch = try #require(makeWatch(1000, .seconds(4)))
      var now = MonotonicInstant(nanoseconds: 0)
      for _ in 0..<20 {
        now = now + .seconds(3)
        let isTooSlow = watch.isTooSlow(bytes: Int(seconds(now) * 1001), now: now)
        #expect(!isTooSlow)
        #expect(watch.next == now + .seconds(1))
      }
    }

    @Test func itCanBeSwitchedOff() {
      #expect(makeWatch(1024, .zero) == nil)
    }

    private func makeWatch(_ bytesPerSecond: Int, _ duration: Duration) -> SpeedWatch? {
      var configuration = HTTPClientConfiguration()
      configuration.lowSpeedBytesPerSecond = bytesPerSecond
      configuration.lowSpeedDuration = duration
      return SpeedWatch(configuration, start: MonotonicInstant(nanoseconds: 0))
    }

    private func seconds(_ instant: MonotonicInstant) -> Double { Double(instant.nanoseconds) / 1e9 }
  }
}
