/// What is going to happen, earliest first; what happens at the same time keeps the order in which it was planned.
struct EventQueue {
  private struct Entry {
    var time: Int
    var order: Int
    var event: Event

    func isBefore(_ other: Entry) -> Bool { time != other.time ? time < other.time : order < other.order }
  }

  private var heap: [Entry] = []
  private var planned = 0

  var isEmpty: Bool { heap.isEmpty }

  mutating func removeAll() {
    heap.removeAll(keepingCapacity: true)
    planned = 0
  }

  mutating func add(_ event: Event, at time: Int) {
    let entry = Entry(time: time, order: planned, event: event)
    planned += 1
    var index = heap.count
    heap.append(entry)
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry.isBefore(heap[parent]) else { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = entry
  }

  mutating func next() -> (time: Int, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty { sink(last) }
    return (first.time, first.event)
  }

  /// Puts an entry in the place of the first, then down to where it belongs.
  private mutating func sink(_ entry: Entry) {
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
      guard heap[child].isBefore(entry) else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = entry
  }
}
