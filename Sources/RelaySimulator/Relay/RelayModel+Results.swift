internal import RelayCore

/// Results that are kept, and calls that several deliveries of a request wait for.
extension RelayModel {
  func askForResult(_ flow: Int) {
    let key = key(flow)
    guard sharedCalls.begin(key) else { return sharedCalls.wait(key, flow) }
    var isKept = false
    store.find(key) { isKept = $0 != nil }
    flows[flow].leadsCall = true
    guard isKept else {
      return takesWork ? perform(flows[flow].machine.resultMissing(), flow) : putBack(flow)
    }
    stage.trace("relay \(index) has the result of request \(stage.deliveries[flows[flow].delivery].request)")
    endSharedCall(flow, hasResult: true)
    perform(flows[flow].machine.resultFound(), flow)
  }

  /// A call brought a result: it is kept, also when its delivery was lost meanwhile.
  func keepResult(_ flow: Int) {
    guard flows[flow].leadsCall else { return }
    stage.audit.resultKept(stage.deliveries[flows[flow].delivery].request, relay: index)
    store.keep(key(flow), StoredResult(body: [], attempts: 1, milliseconds: 0)) { _ in }
    endSharedCall(flow, hasResult: true)
  }

  /// Tells those who wait for this flow's call that it has ended.
  func endSharedCall(_ flow: Int, hasResult: Bool) {
    guard flows[flow].leadsCall else { return }
    flows[flow].leadsCall = false
    for waiter in sharedCalls.end(key(flow)) where !flows[waiter].isFinished {
      if hasResult { perform(flows[waiter].machine.resultFound(), waiter) } else { askForResult(waiter) }
    }
  }

  private func key(_ flow: Int) -> ResultKey {
    ResultKey(high: 0, low: UInt64(stage.deliveries[flows[flow].delivery].request))
  }
}
