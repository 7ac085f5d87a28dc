/// A binary heap of timer deadlines: the pure part of the reactor's timers.
///
/// An entry names a timer slot and the generation it was armed in; an entry of an older generation is stale and is
/// skipped by the reactor. The heap never searches, so arming and disarming stay cheap.
struct TimerQueue {
  struct Entry: Equatable {
    var deadline: MonotonicInstant
    var slot: Int
    var generation: UInt32
  }

  private var heap: [Entry] = []

  var earliest: Entry? { heap.first }
  var count: Int { heap.count }

  mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].deadline < heap[parent].deadline else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeEarliest() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    siftDown()
    return first
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].deadline < heap[smallest].deadline { smallest = child }
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
