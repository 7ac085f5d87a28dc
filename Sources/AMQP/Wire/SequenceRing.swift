/// Elements under consecutive numbers from 1, removed mostly from the front: deliveries by tag, publishes by sequence.
struct SequenceRing<Element> {
  private var elements: [Element?] = []
  private var head = 0
  /// The number of the first element that is kept.
  private(set) var firstSequence: UInt64

  /// An empty ring whose first element will have this number.
  init(startingAt sequence: UInt64 = 1) {
    firstSequence = sequence
  }

  /// The number that the next appended element gets.
  var nextSequence: UInt64 { firstSequence + UInt64(elements.count - head) }

  var first: Element? { head < elements.count ? elements[head] : nil }

  /// The element under a number; nil when it was removed or never existed. Setting an unknown number is ignored.
  subscript(sequence: UInt64) -> Element? {
    get { index(of: sequence).flatMap { elements[$0] } }
    set {
      guard let index = index(of: sequence) else { return }
      elements[index] = newValue
    }
  }

  mutating func append(_ element: consuming Element) {
    elements.append(element)
  }

  /// Moves an element out, which spares a copy of what may be large; its place stays until the front is trimmed.
  mutating func take(_ sequence: UInt64) -> Element? {
    guard let index = index(of: sequence) else { return nil }
    var taken: Element?
    swap(&taken, &elements[index])
    return taken
  }

  /// Drops the first element.
  mutating func removeFirst() {
    elements[head] = nil
    head += 1
    firstSequence += 1
    guard head == elements.count || (head >= 256 && head * 2 > elements.count) else { return }
    elements.removeFirst(head)
    head = 0
  }

  /// Drops removed elements from the front.
  mutating func trimFront() {
    while head < elements.count, elements[head] == nil { removeFirst() }
  }

  private func index(of sequence: UInt64) -> Int? {
    guard sequence >= firstSequence, sequence < nextSequence else { return nil }
    return head + Int(sequence - firstSequence)
  }
}
