internal import EventLoop

/// Memory for the heads of requests and answers, used again and again; apart from that of bodies.
struct HeadBuffers {
  private let pool = BufferPool(idleLimit: 1 << 20)
  private var requests: [PooledBuffer] = []
  private var answers: [PooledBuffer] = []

  /// Larger ones, which are rare, are not kept.
  private static let largestKept = 32 << 10

  /// An empty buffer for the head of a request.
  mutating func takeForRequest() -> PooledBuffer {
    requests.popLast() ?? pool.take(capacity: 4096)
  }

  /// An empty buffer for the head of an answer.
  mutating func takeForAnswer() -> PooledBuffer {
    answers.popLast() ?? pool.take(capacity: 1024)
  }

  /// The request is over.
  mutating func giveBack(request head: PooledBuffer) {
    Self.keep(head, in: &requests)
  }

  /// The answer was delivered; its head is kept for the next one unless somebody else has it still.
  mutating func giveBack(answer head: consuming PooledBuffer?) {
    guard isKnownUniquelyReferenced(&head), let head else { return }
    Self.keep(head, in: &answers)
  }

  private static func keep(_ head: PooledBuffer, in buffers: inout [PooledBuffer]) {
    guard head.capacity <= largestKept else { return }
    head.removeAll()
    buffers.append(head)
  }
}
