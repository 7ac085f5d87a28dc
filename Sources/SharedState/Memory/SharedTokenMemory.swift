public import RelayCore
internal import Synchronization

/// A token record in memory that several loops share: whoever comes first logs in, the others take the token over.
///
/// Nothing survives the process. An operation takes microseconds, so that a lock does for all loops.
public final class SharedTokenMemory: TokenStore, Sendable {
  /// `memory`.
  public let name = "memory"

  private let record = Mutex(TokenRecord())
  private let now: @Sendable () -> Int64

  /// An empty store; `now` gives milliseconds since any fixed origin, the same for all loops.
  public init(now: @escaping @Sendable () -> Int64) {
    self.now = now
  }

  /// Answers at once, on the caller's loop.
  public func perform(
    _ operation: TokenOperation, _ completion: @escaping (Result<TokenReply, TokenStoreFailure>) -> Void
  ) {
    // The lock is free again before the completion, which may come back with the next operation.
    let reply = record.withLock { $0.apply(operation, now: now()) }
    completion(.success(reply))
  }

  /// Does nothing: no work is ever pending, and the other loops go on.
  public func stop() {}
}
