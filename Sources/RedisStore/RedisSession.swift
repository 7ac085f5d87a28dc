internal import EventLoop

/// The conversation with Redis without its socket: commands become bytes, bytes become replies of commands.
///
/// Isolation: not `Sendable`; belongs to its connection's loop.
final class RedisSession {
  typealias Completion = PendingCommands.Completion

  /// Bytes to be sent.
  let output: PooledBuffer
  /// Called with the content of each message of a channel that was subscribed to.
  var onMessage: (([UInt8]) -> Void)?
  /// What ended the session.
  private(set) var failure: RedisFailure?

  private let options: RedisOptions
  private let reader: ReplyReader
  private var encoder = CommandEncoder()
  private var pending = PendingCommands()

  init(options: RedisOptions, pool: BufferPool) {
    self.options = options
    output = pool.take(capacity: 1 << 12)
    reader = ReplyReader(byteLimit: options.replyLimit, valueLimit: options.valueLimit)
  }

  var isOver: Bool { failure != nil }
  var nextDeadline: MonotonicInstant? { pending.nextDeadline }
  var oldestPending: MonotonicInstant? { pending.oldest }
  var hasOverdue: Bool { pending.hasOverdue }

  /// Puts a command into the output. The completion is called once: with the reply, or with why there is none.
  func send(
    _ command: RedisCommand, now: MonotonicInstant, deadline: MonotonicInstant, _ completion: @escaping Completion
  ) {
    if let failure { return completion(.failure(failure)) }
    guard pending.count < options.pendingLimit, output.count < options.outputLimit else {
      return completion(.failure(.init(.queueFull, "\(pending.count) commands wait for Redis")))
    }
    do throws(RedisFailure) {
      try encoder.append(command, to: output, limit: options.outputLimit)
    } catch {
      return completion(.failure(error))
    }
    pending.append(sentAt: now, deadline: deadline, completion)
  }

  /// The first bytes of the output were sent.
  func outputWasSent(_ count: Int) {
    let rest = Array(output.bytes[count...])
    output.removeAll()
    rest.withUnsafeBytes { output.append($0) }
  }

  /// Takes bytes from the server and answers the commands that they complete.
  func receive(_ bytes: UnsafeRawBufferPointer) {
    do throws(RedisFailure) {
      try reader.feed(bytes)
      while !isOver, let reply = try reader.next() { try answer(reply) }
    } catch {
      end(error)
    }
  }

  /// Answers the commands whose budget is over.
  func expire(now: MonotonicInstant) {
    while let completion = pending.takeOverdue(now) {
      completion(.failure(.init(.timedOut, "Redis gave no answer within \(options.budget)")))
    }
  }

  /// Answers everything with this failure; nothing can be sent afterwards.
  func end(_ failure: RedisFailure) {
    guard !isOver else { return }
    self.failure = failure
    for completion in pending.takeAll() { completion(.failure(failure)) }
  }

  private func answer(_ reply: RedisReply) throws(RedisFailure) {
    if let onMessage, let message = Self.message(in: reply) { return onMessage(message) }
    guard let completion = pending.takeOldest() else {
      if case .error(let text) = reply { throw RedisFailure(errorReply: text) }
      throw RedisFailure(.protocolViolation, "Redis answered without being asked")
    }
    guard let completion else { return }
    if case .error(let text) = reply {
      completion(.failure(RedisFailure(errorReply: text)))
    } else {
      completion(.success(reply))
    }
  }

  /// Messages come between replies: `message`, the channel and the content.
  private static func message(in reply: RedisReply) -> [UInt8]? {
    guard let elements = reply.elements, elements.count == 3, let kind = elements[0].bytes,
      kind.elementsEqual("message".utf8)
    else { return nil }
    return elements[2].bytes
  }
}
