internal import EventLoop
internal import Glibc

/// Reads one HTTP/1.1 answer from the bytes of a connection, in pieces of any size, within limits.
///
/// Interim answers (1xx) are passed over; header lines behind the body are too. Nothing but `Content-Length`,
/// `Transfer-Encoding` and `Connection` is interpreted.
struct ResponseReader {
  /// The status and header lines of the answer as they arrived.
  private(set) var head: PooledBuffer?
  /// The body as far as it has arrived.
  private(set) var body: PooledBuffer?
  /// Bytes that were taken, of the answer and of interim ones.
  private(set) var bytesTaken = 0
  private(set) var phase = Phase.head
  private var meaning: ResponseHead?
  private var headerBytes = 0
  /// Bytes of the line of the head that is not complete yet.
  private var lineLength = 0
  private let pool: BufferPool
  private let headerLimit: Int
  private let bodyLimit: Int

  /// Where in the answer the next byte belongs.
  enum Phase {
    case head
    case length(Int)
    case chunked(ChunkedBody)
    case untilClose
    case complete
  }

  /// A body of unknown or large size begins with so much memory at most; it grows with what arrives.
  private static let largestFirstReservation = 256 << 10

  /// `head` is an empty buffer for the head, if one is there; memory for everything else comes from `pool`.
  init(pool: BufferPool, head: PooledBuffer? = nil, headerLimit: Int, bodyLimit: Int) {
    self.pool = pool
    self.head = head
    self.headerLimit = headerLimit
    self.bodyLimit = bodyLimit
  }

  var isComplete: Bool { if case .complete = phase { true } else { false } }

  /// The status; 0 before the head is complete.
  var status: Int { meaning?.status ?? 0 }

  /// Whether the connection can be used again once the answer is complete.
  var keepsAlive: Bool { meaning?.keepsAlive ?? false }

  /// Lets go of the buffer with the head.
  mutating func handOverHead() -> PooledBuffer? {
    defer { head = nil }
    return head
  }

  /// Lets go of the body. Nothing is read afterwards.
  mutating func giveBackBody() {
    body = nil
  }

  /// Takes bytes as they arrived. Returns how many belong to the answer: fewer than given only when it is complete.
  mutating func take(_ bytes: UnsafeRawBufferPointer) throws(ResponseFault) -> Int {
    var taken = 0
    while taken < bytes.count, !isComplete {
      taken += try takeSome(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
    }
    bytesTaken += taken
    return taken
  }

  /// The connection has ended: fine for an answer that says nothing of its length.
  mutating func end() throws(ResponseFault) {
    switch phase {
    case .untilClose: phase = .complete
    case .complete: return
    case .head, .length, .chunked: throw .truncated
    }
  }

  private mutating func takeSome(_ bytes: UnsafeRawBufferPointer) throws(ResponseFault) -> Int {
    switch phase {
    case .head:
      return try takeHead(bytes)
    case .length(let left):
      let count = min(bytes.count, left)
      try append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      phase = count == left ? .complete : .length(left - count)
      return count
    case .chunked(let chunks):
      return try takeChunked(bytes, chunks)
    case .untilClose:
      try append(bytes)
      return bytes.count
    case .complete:
      return 0
    }
  }

  // MARK: Head

  private mutating func takeHead(_ bytes: UnsafeRawBufferPointer) throws(ResponseFault) -> Int {
    let (count, isEnd) = endOfHead(in: bytes)
    let head = head ?? pool.take(capacity: 1024)
    self.head = head
    head.append(UnsafeRawBufferPointer(rebasing: bytes[..<min(count, headerLimit - headerBytes)]))
    // Before the limit, so that what is wrong with an answer does not depend on the pieces in which it arrives.
    guard ResponseHead.canBegin(with: head.bytes) else { throw .malformed("the answer is not one of HTTP/1.1") }
    try countHeader(count)
    guard isEnd else { return count }
    let meaning = try ResponseHead(head.bytes)
    if meaning.isInterim { head.removeAll() } else { try begin(meaning) }
    return count
  }

  /// How many bytes belong to the head, and whether they reach its end: the first line without any byte.
  private mutating func endOfHead(in bytes: UnsafeRawBufferPointer) -> (count: Int, isEnd: Bool) {
    guard let start = bytes.baseAddress else { return (0, false) }
    var position = 0
    while position < bytes.count, let found = memchr(start + position, 0x0A, bytes.count - position) {
      // Unsafe: the distance of two addresses in the same block of bytes.
      let end = start.distance(to: UnsafeRawPointer(found))
      let length = lineLength + end - position
      let before = end > 0 ? bytes[end - 1] : head?.bytes.last
      lineLength = 0
      position = end + 1
      if length == 0 || (length == 1 && before == 0x0D) { return (position, true) }
    }
    lineLength += bytes.count - position
    return (bytes.count, false)
  }

  private mutating func begin(_ meaning: ResponseHead) throws(ResponseFault) {
    self.meaning = meaning
    switch meaning.framing {
    case .noBody, .length(0):
      phase = .complete
    case .length(let length):
      guard length <= bodyLimit else { throw .bodyTooLarge }
      body = pool.take(capacity: min(length, Self.largestFirstReservation))
      phase = .length(length)
    case .chunked:
      phase = .chunked(ChunkedBody())
    case .untilClose:
      phase = .untilClose
    }
  }

  private mutating func countHeader(_ count: Int) throws(ResponseFault) {
    guard count <= headerLimit - headerBytes else { throw .headersTooLarge }
    headerBytes += count
  }

  // MARK: Body

  private mutating func takeChunked(_ bytes: UnsafeRawBufferPointer, _ chunks: ChunkedBody) throws(ResponseFault) -> Int
  {
    var chunks = chunks
    if case .data(let left) = chunks.state {
      let count = min(bytes.count, left)
      try append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      chunks.tookData(count)
      phase = .chunked(chunks)
      return count
    }
    var taken = 0
    while taken < bytes.count, chunks.wantsLines {
      if case .trailers = chunks.state { try countHeader(1) }
      try chunks.take(bytes[taken])
      taken += 1
    }
    if case .data(let size) = chunks.state, size > bodyLimit - (body?.count ?? 0) { throw .bodyTooLarge }
    phase = chunks.state == .complete ? .complete : .chunked(chunks)
    return taken
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ResponseFault) {
    let body = body ?? pool.take(capacity: bytes.count)
    self.body = body
    guard bytes.count <= bodyLimit - body.count else { throw .bodyTooLarge }
    body.append(bytes)
  }
}

extension ChunkedBody {
  /// Whether the next byte is one for `take`.
  fileprivate var wantsLines: Bool {
    switch state {
    case .data, .complete: false
    default: true
    }
  }
}
