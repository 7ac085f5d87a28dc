internal import EventLoop

/// The bytes of one request in the order in which they are sent: the head, together with a small body, then the rest.
///
/// The piece that is offered stays the same, at the same address, until some of it was taken: TLS wants that when a
/// write has to be tried again.
struct RequestWriter {
  /// Bodies up to this many bytes travel with the head: one write, and one TLS record, for the whole request.
  private static let largestBodyBesideHead = 16 << 10
  /// The most bytes that a TLS connection is offered at a time: its writes tell their progress when they are complete.
  /// Other connections are offered all there is: each write wakes the reader, and a few of some MB cost less than many.
  private static let largestSecurePiece = 256 << 10
  /// The most bytes of a source that are in memory at a time.
  private static let largestProducedPiece = 1 << 20

  /// Bytes of the body.
  let bodyLength: Int
  /// Bytes of the request that were sent.
  private(set) var sent = 0
  /// The head, and the body when that is small.
  let head: PooledBuffer
  private let headLength: Int
  private let largestPiece: Int
  private var rest: Rest
  /// Bytes of the source that are in the current piece or were before it.
  private var produced = 0

  /// What is sent after `head`.
  private enum Rest {
    case nothing
    case buffer(PooledBuffer)
    case source(any HTTPBodySource, piece: PooledBuffer)
  }

  /// Puts the head into `head`, which must be empty; larger bodies that need memory take it from `pool`.
  init(
    _ request: HTTPRequest, userAgent: [UInt8], head: PooledBuffer, pool: BufferPool
  ) throws(BodySourceEnded) {
    self.head = head
    bodyLength = request.method == .get ? 0 : request.body.length
    Self.append(head: request, userAgent: userAgent, bodyLength: bodyLength, to: head)
    headLength = head.count
    largestPiece = request.target.isSecure ? Self.largestSecurePiece : bodyLength
    rest = try Self.begin(request.body, length: bodyLength, largestPiece: largestPiece, behind: head, pool: pool)
  }

  /// Bytes of the body that were sent.
  var bodyBytesSent: Int { max(sent - headLength, 0) }

  /// Whether the whole request was sent.
  var isComplete: Bool { sent == headLength + bodyLength }

  /// Whether the server may have seen a request: with a body, that takes some of the body.
  var mayHaveBeenExecuted: Bool { bodyLength == 0 ? sent > 0 : bodyBytesSent > 0 }

  /// The bytes to send next; `nil` when all were sent.
  mutating func nextPiece() throws(BodySourceEnded) -> UnsafeRawBufferPointer? {
    if sent < head.count { return UnsafeRawBufferPointer(rebasing: head.bytes[sent...]) }
    guard !isComplete else { return nil }
    switch rest {
    case .nothing:
      return nil
    case .buffer(let body):
      let end = min(bodyBytesSent + largestPiece, bodyLength)
      return UnsafeRawBufferPointer(rebasing: body.bytes[bodyBytesSent..<end])
    case .source(let source, let piece):
      if produced == bodyBytesSent { produced += try Self.refill(piece, from: source, atMost: bodyLength - produced) }
      let left = produced - bodyBytesSent
      return UnsafeRawBufferPointer(rebasing: piece.bytes[(piece.count - left)...])
    }
  }

  /// Notes that the first `count` bytes of the piece were sent. With the last one the memory for the body is let go of:
  /// the answer may take seconds.
  mutating func took(_ count: Int) {
    sent += count
    if isComplete { giveBackBody() }
  }

  /// Lets go of the memory for the body. Nothing is sent afterwards.
  mutating func giveBackBody() {
    rest = .nothing
  }

  // MARK: Beginning

  private static func append(
    head request: HTTPRequest, userAgent: [UInt8], bodyLength: Int, to head: PooledBuffer
  ) {
    append(request.method == .post ? "POST" : "GET", to: head)
    append(request.target.requestLine, to: head)
    append(userAgent, to: head)
    append(request.headers.bytes, to: head)
    for line in request.extraHeaders { append(line.bytes, to: head) }
    if request.method == .post {
      append("Content-Length: ", to: head)
      append(decimal: bodyLength, to: head)
      append("\r\n", to: head)
    }
    append("\r\n", to: head)
  }

  private static func begin(
    _ body: HTTPBody, length: Int, largestPiece: Int, behind head: PooledBuffer, pool: BufferPool
  ) throws(BodySourceEnded) -> Rest {
    guard length > 0 else { return .nothing }
    let isSmall = length <= largestBodyBesideHead
    switch body {
    case .none:
      return .nothing
    case .buffer(let buffer):
      guard isSmall else { return .buffer(buffer) }
      head.append(buffer.bytes)
      return .nothing
    case .bytes(let bytes):
      let buffer = isSmall ? head : pool.take(capacity: length)
      append(bytes, to: buffer)
      return isSmall ? .nothing : .buffer(buffer)
    case .source(let source):
      source.rewind()
      guard isSmall else {
        return .source(source, piece: pool.take(capacity: min(length, largestPiece, largestProducedPiece)))
      }
      head.reserve(length)
      var produced = 0
      while produced < length { produced += try read(source, behind: head, atMost: length - produced) }
      return .nothing
    }
  }

  private static func refill(
    _ piece: PooledBuffer, from source: any HTTPBodySource, atMost limit: Int
  ) throws(BodySourceEnded) -> Int {
    piece.removeAll()
    return try read(source, behind: piece, atMost: limit)
  }

  /// One read of the source into the room of `buffer`.
  private static func read(
    _ source: any HTTPBodySource, behind buffer: PooledBuffer, atMost limit: Int
  ) throws(BodySourceEnded) -> Int {
    let room = buffer.room
    let offered = UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, limit)])
    let count = source.read(into: offered)
    guard count > 0, count <= offered.count else { throw BodySourceEnded() }
    buffer.commit(count)
    return count
  }

  private static func append(_ bytes: [UInt8], to buffer: PooledBuffer) {
    bytes.withUnsafeBytes { buffer.append($0) }
  }

  private static func append(_ text: StaticString, to buffer: PooledBuffer) {
    buffer.append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private static func append(decimal number: Int, to buffer: PooledBuffer) {
    var text = String(number)
    text.withUTF8 { buffer.append(UnsafeRawBufferPointer($0)) }
  }
}

extension HTTPBody {
  /// Bytes of the body.
  fileprivate var length: Int {
    switch self {
    case .none: 0
    case .buffer(let buffer): buffer.count
    case .bytes(let bytes): bytes.count
    case .source(let source): max(source.length, 0)
    }
  }
}
