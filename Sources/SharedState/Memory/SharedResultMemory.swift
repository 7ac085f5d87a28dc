public import RelayCore
internal import Synchronization

/// Results in memory that several loops share, within one bound.
///
/// Under the lock a result is looked up or entered; its bytes are not copied, as they never change.
public final class SharedResultMemory: ResultStore, Sendable {
  /// Results with more bytes than this are not kept.
  public let largestBody: Int

  private let store: Mutex<MemoryResultStore>

  /// A store that keeps at most `maximumBytes`, each result for `lifetime`; `now` is a clock that never goes back, the
  /// same for all loops.
  public init(maximumBytes: Int, lifetime: Duration, now: @escaping @Sendable () -> Duration) {
    let memory = MemoryResultStore(maximumBytes: maximumBytes, lifetime: lifetime, now: now)
    largestBody = memory.largestBody
    store = Mutex(memory)
  }

  /// Looks a result up, at once.
  public func find(_ key: ResultKey, _ completion: @escaping (StoredResult?) -> Void) {
    let found = store.withLock { $0.find(key) }
    completion(found)
  }

  /// Keeps a result unless there is one already, at once.
  public func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (StoredResult?) -> Void) {
    let earlier = store.withLock { $0.keep(key, result) }
    completion(earlier)
  }
}
