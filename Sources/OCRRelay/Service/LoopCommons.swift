internal import EventLoop
internal import SharedState

/// What the loops of one process have in common where processes would have it for themselves: the token, results and
/// the rate in memory. All of it may be used from any loop.
struct LoopCommons: Sendable {
  let loops: Int
  let tokens = SharedTokenMemory { MonotonicInstant.now().nanoseconds / 1_000_000 }
  let results: SharedResultMemory
  let fleet = FleetMemory()

  init(_ configuration: RelayConfiguration) {
    loops = configuration.process.loops
    results = SharedResultMemory(
      maximumBytes: configuration.results.maximumBytes, lifetime: configuration.results.lifetime
    ) { .nanoseconds(MonotonicInstant.now().nanoseconds) }
  }
}
