/// One picture of a process out of those of its loops.
extension RelayStatus {
  /// Adds another loop of the same process.
  ///
  /// What is said of all must hold for each of them: a process is ready, consumes and has connections when every loop is,
  /// does and has. What keeps requests in the queue is that of the first loop that says so. Amounts add up; the rate, the
  /// pause and the token are the process's own, so that the largest, longest and shortest counts.
  mutating func add(_ other: RelayStatus) {
    loops += other.loops
    readyLoops += other.readyLoops
    isConsuming = isConsuming && other.isConsuming
    canPublish = canPublish && other.canPublish
    isConsumeLinkOpen = isConsumeLinkOpen && other.isConsumeLinkOpen
    isPublishLinkOpen = isPublishLinkOpen && other.isPublishLinkOpen
    isBlocked = isBlocked || other.isBlocked
    tokenSecondsLeft = [tokenSecondsLeft, other.tokenSecondsLeft].compactMap { $0 }.min()
    addGate(of: other)
    oldestSeconds = [oldestSeconds, other.oldestSeconds].compactMap { $0 }.max()
    callsPerSecond = max(callsPerSecond, other.callsPerSecond)
    pauseSeconds = max(pauseSeconds, other.pauseSeconds)
    // Lines are counted for the whole process.
    droppedLogLines = max(droppedLogLines, other.droppedLogLines)
    for amount in Self.amounts { self[keyPath: amount] += other[keyPath: amount] }
    counters.add(other.counters)
    credentials.add(other.credentials)
  }

  private mutating func addGate(of other: RelayStatus) {
    if gateReason == nil {
      (gateReason, gateScope, gateAdvice) = (other.gateReason, other.gateScope, other.gateAdvice)
    }
    isGateOpen = isGateOpen && other.isGateOpen
    isGateProbing = isGateProbing || other.isGateProbing
    gateClosedAt = [gateClosedAt, other.gateClosedAt].compactMap { $0 }.min()
  }

  private static let amounts: [any WritableKeyPath<RelayStatus, Int> & Sendable] = [
    \.consumeConnections, \.publishConnections, \.inFlight, \.prefetch, \.waitingForPublisher, \.unsettledPublishes,
    \.activeCalls, \.waitingForPermit, \.bytesInWork, \.bytesInWorkLimit, \.exportedSpans, \.droppedSpans,
  ]
}
