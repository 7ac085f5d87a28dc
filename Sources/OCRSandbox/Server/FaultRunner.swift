import Synchronization

/// Lets the faults in force happen to one call.
struct FaultRunner: Sendable {
  let state: SandboxState
  /// Resolves when the peer of this call leaves.
  let onPeerGone: @Sendable (@escaping @Sendable () -> Void) -> Void

  /// What a call has to suffer.
  struct Doom: Sendable {
    /// Delays and token faults, which happen before the caller is checked.
    var early: [Fault] = []
    /// The one fault that decides the answer.
    var last: Fault?
  }

  /// Throws the dice for one call.
  func doom(target: Fault.Target, api: String?) -> Doom {
    let struck = state.faults.withLock { $0.strike(target: target, api: api) }
    let early: [Fault.Kind] = [.delay, .expireToken, .revokeToken]
    return Doom(
      early: struck.filter { early.contains($0.kind) }, last: struck.first { !early.contains($0.kind) })
  }

  /// Delays the call and spoils its token.
  func runEarly(_ faults: [Fault], token: String?, at now: Double) async {
    for fault in faults {
      switch fault.kind {
      case .delay: try? await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
      case .expireToken: if let token { state.identity.withLock { $0.expire(token, at: now) } }
      case .revokeToken: if let token { state.identity.withLock { $0.revoke(token) } }
      default: break
      }
    }
  }

  /// The answer that the fault puts in place of `answer`, which is nil when the call was not carried out.
  func spoil(_ answer: Answer?, with fault: Fault, requestID: String) async -> Answer {
    switch fault.kind {
    case .status, .throttle: return spokenAnswer(fault, requestID: requestID)
    case .invalidJSON: return Answer(status: 200, text: "{\"result\": {\"words_block", contentType: "application/json")
    case .html:
      return Answer(
        status: 200, text: "<!DOCTYPE html><html><body>Please sign in</body></html>", contentType: "text/html")
    case .truncate:
      var half = answer ?? spokenAnswer(fault, requestID: requestID)
      half.delivery = .half
      return half
    case .hang:
      if let ticket = state.hanging.ticket() {
        let hanging = state.hanging
        onPeerGone { hanging.release(ticket) }
        await hanging.wait(ticket)
      }
      return reset(answer)
    default: return reset(answer)
    }
  }

  private func reset(_ answer: Answer?) -> Answer {
    var answer = answer ?? Answer(status: 500, json: .object([]))
    answer.delivery = .reset
    return answer
  }

  private func spokenAnswer(_ fault: Fault, requestID: String) -> Answer {
    var answer = Answer(fault.refusal, requestID: requestID)
    answer.headers = fault.headers.compactMap { member in member.value.text.map { (member.name, $0) } }
    return answer
  }
}
