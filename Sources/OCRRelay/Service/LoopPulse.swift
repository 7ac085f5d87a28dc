internal import EventLoop
internal import Synchronization

/// Shows from any thread that a loop still turns, without asking it: a loop that hangs cannot answer.
final class LoopPulse: Sendable {
  private static let interval = Duration.seconds(1)
  private let lastBeat = Atomic<Int64>(MonotonicInstant.now().nanoseconds)

  /// Beats for as long as the reactor's loop turns. Call it on the loop, once.
  func start(on reactor: Reactor) {
    lastBeat.store(reactor.now.nanoseconds, ordering: .relaxed)
    reactor.schedule(after: Self.interval) { [weak self] in self?.start(on: reactor) }
  }

  /// How long ago the loop last turned, by up to a second.
  var age: Duration { MonotonicInstant.now() - MonotonicInstant(nanoseconds: lastBeat.load(ordering: .relaxed)) }
}
