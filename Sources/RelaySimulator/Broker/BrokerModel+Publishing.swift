internal import RelayCore

extension BrokerModel {
  func published(_ connection: Int, _ publication: Int) {
    guard stage.reachesBroker(connection) else { return stage.publishEnded() }
    if stage.isActive(.alarm) { return stage.connections[connection].backlog.append(publication) }
    take(connection, publication)
  }

  private func take(_ connection: Int, _ publication: Int) {
    stage.publishEnded()
    let result = route(publication)
    stage.trace("broker: \(stage.publications[publication].text): \(result)")
    guard !(stage.isActive(.confirmsLost) && stage.random.chance(300)) else {
      return stage.plan(.confirmOverdue(connection: connection, publication: publication), after: 30_000)
    }
    // Confirms overtake one another, because queues take their time; what else is sent waits for none of them.
    stage.plan(
      .publishSettled(connection: connection, publication: publication, result),
      after: stage.random.between(0, stage.scenario.confirmDelay + stage.scenario.latency))
  }

  private func route(_ publication: Int) -> PublishResult {
    let copy = stage.publications[publication]
    let isDirect = stage.scenario.requests[copy.request].target == .direct
    if copy.kind == .reply {
      if !isDirect, stage.isActive(.replyQueueGone), stage.random.chance(700) { return .returned }
      if stage.isActive(.repliesRefused), stage.random.chance(700) { return .refused }
    } else {
      if stage.isActive(.copiesReturned), stage.random.chance(700) { return .returned }
      if stage.isActive(.copiesRefused), stage.random.chance(700) { return .refused }
    }
    stage.audit.reachedQueue(copy)
    if copy.kind == .retry { keepRetry(copy) }
    return .confirmed
  }

  private func keepRetry(_ copy: Publication) {
    stage.messages.append(
      Message(
        request: copy.request, isRetry: true, attempts: copy.attempts, notBefore: copy.notBefore,
        firstFailedAt: copy.firstFailedAt, past: copy.past))
    stage.plan(.retryEnds(message: stage.messages.count - 1), after: copy.stay + stage.random.below(50))
  }

  // MARK: Alarms

  func alarmBegins() {
    for connection in publishing {
      stage.sendToRelay(connection, .blockedChanged(connection: connection, isBlocked: true))
    }
  }

  func alarmEnds() {
    for connection in publishing {
      stage.sendToRelay(connection, .blockedChanged(connection: connection, isBlocked: false))
      let backlog = stage.connections[connection].backlog
      stage.connections[connection].backlog.removeAll()
      for publication in backlog { take(connection, publication) }
    }
  }

  private var publishing: [Int] {
    stage.connections.indices.filter {
      stage.connections[$0].role == .publish && stage.connections[$0].isOpenAtBroker
    }
  }
}
