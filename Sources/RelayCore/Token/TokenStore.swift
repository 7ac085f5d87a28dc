/// Where the token of one credential is kept, and where processes agree on who logs in.
///
/// A store holds one ``TokenRecord`` for each credential and carries out operations on it one after the other:
///
/// 1. read the record; one that is missing, cannot be read, cannot be unsealed or is of another version counts as
///    `TokenRecord()`,
/// 2. `let reply = record.apply(operation, now: milliseconds)`, with milliseconds since 1970 of **one** clock for
///    everybody who shares the record: that of the machine for a file, that of the server for Redis,
/// 3. when the record is not equal to the one that was read, write its `bytes()`, provided that nobody else has written
///    meanwhile (compare the bytes that were read, or hold a lock); otherwise begin again at 1,
/// 4. call the completion with the reply.
///
/// All rules (one login at a time, generations that only grow, the budget of failed logins) are in the record, so a
/// store only has to be atomic. Nothing happens when an operation repeats because its answer was lost, but for a
/// `claim`: the login that nobody carries out blocks the others for its lease time and counts as a failed one.
///
/// Isolation: belongs to one loop. Completions are called exactly once, on that loop, also before `perform` returns.
/// None is called after `stop()`.
public protocol TokenStore: AnyObject {
  /// Its name in log lines: `memory`, `file` or `redis`.
  var name: String { get }

  /// Carries out one operation. It fails within a bounded time when the store cannot be reached, and the caller then
  /// goes on alone; whether the operation took place is unknown.
  func perform(_ operation: TokenOperation, _ completion: @escaping (Result<TokenReply, TokenStoreFailure>) -> Void)

  /// Ends all work; pending completions are dropped.
  func stop()
}

/// Why a store cannot be used now.
public struct TokenStoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, such as `read /var/lib/ocr-relay/token`.
  public var operation: String
  /// What came of it, without secrets.
  public var detail: String
  /// What an operator can do about it.
  public var advice: String

  /// Makes a failure.
  public init(operation: String, detail: String, advice: String) {
    self.operation = operation
    self.detail = detail
    self.advice = advice
  }

  /// Operation, detail and advice in one line.
  public var description: String { "\(operation): \(detail); \(advice)" }
}
