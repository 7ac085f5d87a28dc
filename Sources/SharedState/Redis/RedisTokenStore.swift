public import RedisStore
public import RelayCore

/// A token record in Redis, for all processes of a fleet. Always sealed.
///
/// Each operation reads the record with the server's time, and writes the new one only over what was read. A command
/// without an answer in time is sent again: writing the same bytes twice changes nothing, so a claim is never lost to a
/// slow answer.
///
/// Isolation: not `Sendable`; belongs to the loop of its client.
public final class RedisTokenStore: TokenStore {
  /// Called when the key cannot be read as a record, once until it can; the text says why.
  public var onUnreadable: (String) -> Void = { _ in }
  /// `redis`.
  public let name = "redis"

  private let client: RedisClient
  private let key: String
  private let wrapping: Wrapping
  private var notice = UnreadableNotice()
  private var isStopped = false

  /// How long a record is kept that nobody writes anew; longer than a token lives.
  private static let lifetime = Duration.seconds(7 * 86_400)
  /// Turns of one operation: others may write in between, and answers may be lost.
  private static let turns = 10

  private static let reading = RedisScript(
    """
    local time = redis.call('TIME')
    return {redis.call('GET', KEYS[1]), time[1] * 1000 + math.floor(time[2] / 1000)}
    """)

  private static let writing = RedisScript(
    """
    local current = redis.call('GET', KEYS[1])
    if current == ARGV[2] then return 1 end
    if (current or '') ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1
    """)

  /// A store under a key of its own, for one credential.
  public init(client: RedisClient, key: String, sealer: Sealer) {
    self.client = client
    self.key = key
    wrapping = .sealed(sealer)
  }

  /// Fails at once while Redis cannot be used, else within a few budgets of a command. At the start it waits for the
  /// first attempt to connect.
  public func perform(
    _ operation: TokenOperation, _ completion: @escaping (Result<TokenReply, TokenStoreFailure>) -> Void
  ) {
    client.whenSettled { [weak self] in self?.read(operation, turnsLeft: Self.turns, completion) }
  }

  /// Ends all work; pending completions are dropped.
  public func stop() {
    isStopped = true
  }

  private typealias Completion = (Result<TokenReply, TokenStoreFailure>) -> Void

  private func read(_ operation: TokenOperation, turnsLeft: Int, _ completion: @escaping Completion) {
    guard !isStopped else { return }
    client.run(Self.reading, keys: [.text(key)], arguments: []) { [weak self] result in
      guard let self, !isStopped else { return }
      switch result {
      case .success(let reply):
        guard let elements = reply.elements, elements.count == 2, let time = elements[1].integer else {
          return completion(.failure(failure("an answer that makes no sense")))
        }
        apply(operation, to: elements[0].bytes ?? [], time, turnsLeft: turnsLeft, completion)
      case .failure(let problem) where problem.kind == .timedOut && turnsLeft > 1:
        read(operation, turnsLeft: turnsLeft - 1, completion)
      case .failure(let problem): completion(.failure(failure(problem.detail)))
      }
    }
  }

  private func apply(
    _ operation: TokenOperation, to bytes: [UInt8], _ time: Int64, turnsLeft: Int, _ completion: @escaping Completion
  ) {
    let (before, problem) = TokenRecord.read(bytes, wrapping, context: key)
    if let text = notice.next(problem) { onUnreadable("\(key): \(text)") }
    var record = before
    let reply = record.apply(operation, now: time)
    guard record != before else { return completion(.success(reply)) }
    let written = wrapping.wrap(record.bytes(), context: key)
    write(written, over: bytes, turnsLeft: turnsLeft) { [weak self] result in
      switch result {
      case .success(true): completion(.success(reply))
      case .success(false) where turnsLeft > 1: self?.read(operation, turnsLeft: turnsLeft - 1, completion)
      case .success: completion(.failure(Self.failure(key: self?.key ?? "", "others change it all the time")))
      case .failure(let failure): completion(.failure(failure))
      }
    }
  }

  /// Whether the bytes are there now; false when somebody else has written.
  private func write(
    _ bytes: [UInt8], over expected: [UInt8], turnsLeft: Int,
    _ completion: @escaping (Result<Bool, TokenStoreFailure>) -> Void
  ) {
    let arguments: [RedisArgument] = [.bytes(expected), .bytes(bytes), .milliseconds(Self.lifetime)]
    client.run(Self.writing, keys: [.text(key)], arguments: arguments) { [weak self] result in
      guard let self, !isStopped else { return }
      switch result {
      case .success(let reply): completion(.success(reply.integer == 1))
      case .failure(let problem) where problem.kind == .timedOut && turnsLeft > 1:
        write(bytes, over: expected, turnsLeft: turnsLeft - 1, completion)
      case .failure(let problem): completion(.failure(failure(problem.detail)))
      }
    }
  }

  private func failure(_ detail: String) -> TokenStoreFailure { Self.failure(key: key, detail) }

  private static func failure(key: String, _ detail: String) -> TokenStoreFailure {
    TokenStoreFailure(
      operation: "use \(key) in Redis", detail: detail,
      advice: "the relay goes on with a token of its own; see what it logged about Redis")
  }
}
