internal import AMQP
internal import EventLoop
internal import Failpoints
internal import RelayCore

/// Results: those of earlier deliveries of the same request, and the one that this flow's call brings.
extension RequestFlow {
  /// Asks whether the same request has a result, or a call under way. If neither, this flow makes the call.
  func askForResult() {
    guard let results = pipeline.results, let plan else { return }
    let key = results.key(of: request, plan, delivery)
    results.ask(key) { [self] stored in
      guard let stored else {
        callKey = key
        // The delivery may be gone since, or no work is taken any more: somebody else makes the call then.
        if isFinished { return endSharedCall(nil) }
        return pipeline.acceptsWork ? perform(machine.resultMissing()) : putBack()
      }
      guard !isFinished else { return }
      pipeline.counters.reusedResults += 1
      result = (.bytes(stored.body), CallRecord(stored))
      perform(machine.resultFound())
    }
  }

  /// The call brought a result. It is kept before the reply goes out, also when the delivery was lost meanwhile: the next
  /// delivery of the request is answered with it.
  func succeeded(_ answer: OCRBackend.Answer) {
    guard let body = answer.body else { return }
    let call = CallRecord(
      attempts: machine.attempts + 1, milliseconds: answer.duration.saturatingNanoseconds / 1_000_000,
      requestID: answer.requestID)
    guard let callKey, let results = pipeline.results, body.count <= results.largestBody else {
      result = (.buffer(body), call)
      return perform(machine.called(.success))
    }
    let own = StoredResult(
      body: Array(body.bytes), attempts: call.attempts, milliseconds: call.milliseconds, requestID: call.requestID)
    results.keep(callKey, own) { [self] earlier in
      Failpoint.pass(.resultStored)
      result = earlier.map { (.bytes($0.body), CallRecord($0)) } ?? (.buffer(body), call)
      endSharedCall(earlier ?? own)
      perform(machine.called(.success))
    }
  }

  /// Tells those who wait for this flow's call that it has ended.
  func endSharedCall(_ result: StoredResult?) {
    guard let key = callKey else { return }
    callKey = nil
    pipeline.results?.end(key, result)
  }
}

extension CallRecord {
  fileprivate init(_ stored: StoredResult) {
    self.init(attempts: stored.attempts, milliseconds: stored.milliseconds, requestID: stored.requestID)
  }
}
