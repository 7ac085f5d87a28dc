internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import OCRContract
internal import RelayCore

extension RelayWorker {
  /// What the service looks like now.
  public func status() -> RelayStatus {
    guard let parts else { return RelayStatus() }
    var status = RelayStatus()
    status.isConsuming = parts.consumer.isConsuming
    status.isConsumeLinkOpen = parts.consumeLink.isOpen
    status.isPublishLinkOpen = parts.publishLink.isOpen
    status.isBlocked = parts.publishLink.isBlocked
    status.canPublish = status.isPublishLinkOpen && !status.isBlocked
    status.consumeConnections = Int(parts.consumeLink.epoch)
    status.publishConnections = Int(parts.publishLink.epoch)
    status.tokenSecondsLeft = parts.tokens.secondsLeft
    status.credentials = parts.tokens.counters
    status.isGateOpen = gate.state == .open
    status.isGateProbing = gate.state == .probing
    status.gateReason = gate.failure?.code.rawValue
    status.gateScope = gate.failure?.scope
    status.gateAdvice = gate.failure?.advice
    status.gateClosedAt = gateClosedAt
    status.prefetch = configuration.amqp.prefetch
    let permits = parts.pipeline.permits
    status.waitingForPermit = permits.limiter.waiting
    status.callsPerSecond = permits.limiter.rate.pace.callsPerSecond
    status.pauseSeconds = (permits.pause ?? .zero) / .seconds(1)
    status.bytesInWorkLimit = configuration.bytesInWorkOfLoop
    status.activeCalls = parts.client.activeCalls
    status.unsettledPublishes = parts.publisher.unsettled
    status.droppedLogLines = RelayLogHandler.droppedLines
    status.exportedSpans = parts.pipeline.tracer?.exporter.exported ?? 0
    status.droppedSpans = parts.pipeline.tracer?.exporter.dropped ?? 0
    parts.pipeline.describe(&status)
    status.readyLoops = status.isReady ? 1 : 0
    return status
  }
}

extension Pipeline {
  fileprivate func describe(_ status: inout RelayStatus) {
    status.inFlight = inFlight
    status.oldestSeconds = oldestAge.map { Double($0.saturatingNanoseconds) / 1e9 }
    status.waitingForPublisher = waitingCount
    status.bytesInWork = bytesInWork
    status.counters = counters
  }
}
