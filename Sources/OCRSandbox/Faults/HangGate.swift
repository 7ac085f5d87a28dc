import Synchronization

/// Where calls wait that shall never be answered, until someone lets them go.
final class HangGate: Sendable {
  private enum Place {
    case announced
    case waiting(CheckedContinuation<Void, Never>)
  }
  private struct State {
    var next = 0
    var isOpen = false
    var places: [Int: Place] = [:]
  }
  private let state = Mutex(State())

  /// A number to wait under; nil once the gate is open for good.
  func ticket() -> Int? {
    state.withLock { state in
      guard !state.isOpen else { return nil }
      defer { state.next += 1 }
      state.places[state.next] = .announced
      return state.next
    }
  }

  /// Waits until the ticket is released, which may have happened already.
  func wait(_ ticket: Int) async {
    await withCheckedContinuation { continuation in
      let mustWait = state.withLock { state in
        guard state.places[ticket] != nil else { return false }
        state.places[ticket] = .waiting(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
  }

  /// Lets one call go, because its peer left.
  func release(_ ticket: Int) {
    let place = state.withLock { $0.places.removeValue(forKey: ticket) }
    if case .waiting(let continuation) = place { continuation.resume() }
  }

  /// Lets every call go that waits now; with `forGood`, those to come as well, because the server stops.
  func releaseAll(forGood: Bool = false) {
    let places = state.withLock { state in
      if forGood { state.isOpen = true }
      defer { state.places = [:] }
      return state.places
    }
    for case .waiting(let continuation) in places.values { continuation.resume() }
  }
}
