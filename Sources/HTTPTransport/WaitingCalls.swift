internal import EventLoop

/// Calls that wait for a connection, first in first out. Pure.
struct WaitingCalls {
  struct Entry {
    let request: HTTPRequest
    let call: Transfer.Call
  }

  private var entries: [Entry] = []
  private var head = 0

  var count: Int { entries.count - head }
  var earliestDeadline: MonotonicInstant? { entries[head...].map(\.call.deadline).min() }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
  }

  mutating func popFirst() -> Entry? {
    guard head < entries.count else { return nil }
    let entry = entries[head]
    head += 1
    if head == entries.count || head >= 256 { compact() }
    return entry
  }

  mutating func remove(_ id: HTTPCallID) -> Entry? {
    compact()
    guard let index = entries.firstIndex(where: { $0.call.id == id }) else { return nil }
    return entries.remove(at: index)
  }

  mutating func removeExpired(at now: MonotonicInstant) -> [Entry] {
    compact()
    let expired = entries.filter { $0.call.deadline <= now }
    entries.removeAll { $0.call.deadline <= now }
    return expired
  }

  private mutating func compact() {
    entries.removeFirst(head)
    head = 0
  }
}
