internal import EventLoop

/// Calls that wait for a connection, first in first out. Pure.
struct WaitingCalls {
  /// The places before `head` are empty: a call that left, and its body, must not stay here.
  private var entries: [Call?] = []
  private var head = 0

  var count: Int { entries.count - head }
  var earliestDeadline: MonotonicInstant? { entries[head...].lazy.compactMap(\.?.deadline).min() }

  mutating func append(_ call: Call) {
    entries.append(call)
  }

  mutating func popFirst() -> Call? {
    guard head < entries.count else { return nil }
    let call = entries[head]
    entries[head] = nil
    head += 1
    if head == entries.count || head >= 256 { compact() }
    return call
  }

  mutating func remove(_ id: HTTPCallID) -> Call? {
    compact()
    guard let index = entries.firstIndex(where: { $0?.id == id }) else { return nil }
    return entries.remove(at: index)
  }

  mutating func removeExpired(at now: MonotonicInstant) -> [Call] {
    compact()
    let expired = entries.compactMap { $0 }.filter { $0.deadline <= now }
    if !expired.isEmpty { entries.removeAll { $0.map { $0.deadline <= now } ?? true } }
    return expired
  }

  private mutating func compact() {
    entries.removeFirst(head)
    head = 0
  }
}
