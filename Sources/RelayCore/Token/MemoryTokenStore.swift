/// A store within the process: nothing is shared and nothing survives.
///
/// Isolation: not `Sendable`; belongs to its loop.
public final class MemoryTokenStore: TokenStore {
  /// What is kept.
  public private(set) var record = TokenRecord()
  private let now: () -> Int64

  /// `memory`.
  public let name = "memory"

  /// An empty store; `now` gives milliseconds since any fixed origin.
  public init(now: @escaping () -> Int64) {
    self.now = now
  }

  /// Answers at once.
  public func perform(
    _ operation: TokenOperation, _ completion: @escaping (Result<TokenReply, TokenStoreFailure>) -> Void
  ) {
    completion(.success(record.apply(operation, now: now())))
  }

  /// Does nothing: no work is ever pending.
  public func stop() {}
}
