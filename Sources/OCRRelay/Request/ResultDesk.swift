internal import RelayCore

/// Where requests ask for a result before they call: from the store, or from a call for the same request that is under
/// way. Whoever is told that there is none makes the call and reports its end.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop.
final class ResultDesk {
  /// Results with more bytes than this are not kept.
  let largestBody: Int
  let hash = ContentHash()
  private let store: any ResultStore
  /// The store, when it is one that answers at once.
  private let memory: MemoryResultStore?
  private var calls = SharedCalls<any ResultRequester>()

  init(store: any ResultStore) {
    self.store = store
    memory = store as? MemoryResultStore
    largestBody = store.largestBody
  }

  /// Tells the requester the result, or nil when it has to make the call now and to report its `end`.
  func ask(_ key: ResultKey, for requester: any ResultRequester) {
    guard calls.begin(key) else { return calls.wait(key, requester) }
    if let memory { return found(memory.find(key), key, requester) }
    store.find(key) { [self] in found($0, key, requester) }
  }

  private func found(_ result: StoredResult?, _ key: ResultKey, _ requester: any ResultRequester) {
    requester.found(result, for: key)
    if let result { end(key, result) }
  }

  /// Keeps the result of a call and tells the requester which one counts.
  func keep(_ key: ResultKey, _ result: StoredResult, for requester: any ResultRequester) {
    if let memory { return requester.kept(result, earlier: memory.keep(key, result)) }
    store.keep(key, result) { requester.kept(result, earlier: $0) }
  }

  /// A call has ended: everybody who waited gets its result. Without one the first of them makes the next call.
  func end(_ key: ResultKey, _ result: StoredResult?) {
    for waiter in calls.end(key) {
      if let result { waiter.found(result, for: key) } else { ask(key, for: waiter) }
    }
  }
}
