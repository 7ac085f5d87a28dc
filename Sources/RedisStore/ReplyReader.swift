internal import CHiredis

/// Replies out of bytes: hiredis' reader, fed with what the socket gave.
///
/// Isolation: not `Sendable`; belongs to its connection's loop.
final class ReplyReader {
  private let reader: UnsafeMutablePointer<redisReader>
  private let builder: ReplyBuilder
  private let byteLimit: Int

  /// nonisolated(unsafe): a constant table of functions, which hiredis only reads; it outlives every reader.
  private nonisolated(unsafe) static let functions = {
    let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    table.initialize(to: makeFunctions())
    return table
  }()

  /// Takes replies of at most `byteLimit` bytes and `valueLimit` values.
  init(byteLimit: Int, valueLimit: Int) {
    guard let reader = redisReaderCreateWithFunctions(Self.functions) else {
      preconditionFailure("hiredis has no memory for a reader")
    }
    self.reader = reader
    self.byteLimit = byteLimit
    builder = ReplyBuilder(valueLimit: valueLimit)
    // Unretained: the reader dies with this object, which holds the builder.
    reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
  }

  deinit {
    redisReaderFree(reader)
  }

  /// Takes bytes in; ``next()`` gives the replies that they complete. After an error the reader is of no further use.
  func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    let status = redisReaderFeed(reader, base.assumingMemoryBound(to: CChar.self), bytes.count)
    guard status == REDIS_OK else { throw failure() }
  }

  /// The next complete reply; nil when more bytes are needed.
  func next() throws(RedisFailure) -> RedisReply? {
    var object: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure() }
    if object != nil, let reply = builder.take() { return reply }
    guard hiredis_unread(reader) <= byteLimit else {
      throw RedisFailure(.protocolViolation, "Redis answered with more than \(byteLimit) bytes")
    }
    return nil
  }

  private func failure() -> RedisFailure {
    let text = withUnsafePointer(to: &reader.pointee.errstr) { text in
      text.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: text.pointee)) { String(cString: $0) }
    }
    // A refused value looks like a lack of memory to hiredis, which made it nowhere else.
    let reason = reader.pointee.err == REDIS_ERR_OOM ? "a reply has more values than are taken" : text
    return RedisFailure(.protocolViolation, "the peer does not answer as Redis does: \(reason)")
  }

  // MARK: Called by hiredis

  /// The functions return the builder's own address: hiredis only tells null from the rest.
  private static func makeFunctions() -> redisReplyObjectFunctions {
    hiredis_functions(
      { task, text, length in
        let bytes = UnsafeRawBufferPointer(start: text, count: length)
        return ReplyReader.build(task) { $0.add(ReplyReader.value(type: task?.pointee.type, bytes)) }
      },
      { task, count in ReplyReader.build(task) { $0.beginArray(count: Int(clamping: count)) } },
      { task, number in ReplyReader.build(task) { $0.add(.integer(number)) } },
      { task in ReplyReader.build(task) { $0.add(.null) } },
      { _ in })
  }

  private static func build(
    _ task: UnsafePointer<redisReadTask>?, _ body: (ReplyBuilder) -> Bool
  ) -> UnsafeMutableRawPointer? {
    guard let address = task?.pointee.privdata else { return nil }
    return body(Unmanaged<ReplyBuilder>.fromOpaque(address).takeUnretainedValue()) ? address : nil
  }

  private static func value(type: Int32?, _ bytes: UnsafeRawBufferPointer) -> RedisReply {
    switch type {
    case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
    default: .bytes(Array(bytes))
    }
  }
}
