internal import OCRContract
public import RedisStore
public import RelayCore

/// Results in Redis, for all processes of a fleet, with a store in memory in front. Always sealed.
///
/// The first result wins over the whole fleet. While Redis cannot be used, the store in memory does what it can.
///
/// Isolation: not `Sendable`; belongs to the loop of its client.
public final class RedisResultStore: ResultStore {
  /// Results with more bytes than this are not kept.
  public let largestBody: Int

  private let client: RedisClient
  private let keyPrefix: String
  private let sealer: Sealer
  private let lifetime: Duration
  private let memory: MemoryResultStore

  /// The result that is there, or else this one from now on.
  private static let keeping = RedisScript(
    """
    local current = redis.call('GET', KEYS[1])
    if current then return current end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return false
    """)

  /// Keeps results of at most `largestBody` bytes for `lifetime` under keys that begin with `keyPrefix`.
  public init(
    client: RedisClient, keyPrefix: String, sealer: Sealer, lifetime: Duration, largestBody: Int,
    memory: MemoryResultStore
  ) {
    self.client = client
    self.keyPrefix = keyPrefix
    self.sealer = sealer
    self.lifetime = lifetime
    self.largestBody = largestBody
    self.memory = memory
  }

  /// Looks a result up, first in memory.
  public func find(_ key: ResultKey, _ completion: @escaping (StoredResult?) -> Void) {
    memory.find(key) { [self] result in
      if let result { return completion(result) }
      guard client.isAvailable else { return completion(nil) }
      let name = name(of: key)
      client.send(["GET", .text(name)]) { [self] reply in completion(read(reply, name)) }
    }
  }

  /// Keeps a result unless there is one already, in memory or in Redis.
  public func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (StoredResult?) -> Void) {
    guard client.isAvailable, result.body.count <= largestBody else { return memory.keep(key, result, completion) }
    let name = name(of: key)
    let sealed = sealer.seal(result.bytes, context: name)
    let arguments: [RedisArgument] = [.bytes(sealed), .milliseconds(lifetime)]
    client.run(Self.keeping, keys: [.text(name)], arguments: arguments) { [self] reply in
      let winner = read(reply, name)
      memory.keep(key, winner ?? result) { completion(winner ?? $0) }
    }
  }

  private func name(of key: ResultKey) -> String { keyPrefix + Self.hexadecimal(key.high) + Self.hexadecimal(key.low) }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// What cannot be opened or read counts as nothing: the price is one more call.
  private func read(_ reply: Result<RedisReply, RedisFailure>, _ name: String) -> StoredResult? {
    guard case .success(let value) = reply, let sealed = value.bytes else { return nil }
    guard let bytes = try? sealer.open(sealed, context: name) else { return nil }
    return StoredResult(bytes: bytes)
  }
}
