internal import RelayCore

/// Where requests ask for a result before they call: from the store, or from a call for the same request that is under
/// way. Whoever is told that there is none makes the call and reports its end.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop.
final class ResultDesk {
  typealias Answer = (StoredResult?) -> Void

  /// Results with more bytes than this are not kept.
  let largestBody: Int
  let hash = ContentHash()
  private let store: any ResultStore
  private var calls = SharedCalls<Answer>()

  init(store: any ResultStore) {
    self.store = store
    largestBody = store.largestBody
  }

  /// Calls `answer` with the result, or with nil for the one that has to make the call now and to report its `end`.
  func ask(_ key: ResultKey, _ answer: @escaping Answer) {
    guard calls.begin(key) else {
      return calls.wait(key) { [self] result in
        if let result { answer(result) } else { ask(key, answer) }
      }
    }
    store.find(key) { [self] result in
      guard let result else { return answer(nil) }
      answer(result)
      end(key, result)
    }
  }

  /// Keeps the result of a call and calls `completion` with the one that counts: an earlier one if there is any.
  func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (_ earlier: StoredResult?) -> Void) {
    store.keep(key, result, completion)
  }

  /// A call has ended: everybody who waited gets its result. Without one the first of them makes the next call.
  func end(_ key: ResultKey, _ result: StoredResult?) {
    for waiter in calls.end(key) { waiter(result) }
  }
}
