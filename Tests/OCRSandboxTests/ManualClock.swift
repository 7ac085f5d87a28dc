import Synchronization

/// A clock that goes only when told to.
final class ManualClock: Sendable {
  private let seconds: Mutex<Double>

  init(_ start: Double = 1_800_000_000) { seconds = Mutex(start) }

  var now: Double { seconds.withLock { $0 } }

  func advance(_ by: Double) { seconds.withLock { $0 += by } }
}
