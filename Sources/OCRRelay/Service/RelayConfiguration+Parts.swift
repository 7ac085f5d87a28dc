internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import Logging
internal import OCRContract
internal import RelayCore

/// The configuration in the words of the parts that it configures.
extension RelayConfiguration {
  func brokerEndpoints() throws(RelayStartError) -> [BrokerEndpoint] {
    var endpoints: [BrokerEndpoint] = []
    for url in amqp.urls {
      do throws(AMQPURL.Problem) {
        endpoints += try AMQPURL.parse(url.reveal())
      } catch {
        throw RelayStartError(description: "amqp.url: \(error)")
      }
    }
    return endpoints
  }

  func connectionOptions(for purpose: String) -> ConnectionOptions {
    var options = ConnectionOptions(
      connectionName: "ocr-relay \(purpose)", heartbeat: amqp.heartbeat, connectTimeout: amqp.connectTimeout,
      bodyLimit: limits.bodyBytes,
      tls: amqp.tls,
      reconnectDelay: amqp.reconnectMinimum...max(amqp.reconnectMinimum, amqp.reconnectMaximum))
    options.confirmTimeout = amqp.confirmTimeout
    return options
  }

  var httpClient: HTTPClientConfiguration {
    var client = HTTPClientConfiguration()
    client.connectTimeout = backend.connectTimeout
    client.totalTimeout = backend.totalTimeout
    client.lowSpeedBytesPerSecond = backend.lowSpeedLimit
    client.lowSpeedDuration = backend.lowSpeedTime
    client.responseBodyLimit = backend.responseLimit
    client.maximumConnections = backend.maximumConnections
    client.caFile = backend.caFile
    client.proxy = backend.proxy
    client.allowPlainHTTP = backend.allowsPlainHTTP || usesLoopbackOnly
    return client
  }

  /// Plain HTTP never leaves the machine then.
  private var usesLoopbackOnly: Bool {
    [backendEndpoint, authEndpoint].allSatisfy { address in
      ServiceAddress(address).map { $0.isEncrypted || $0.isLoopback } ?? false
    }
  }

  func permitDesk(reactor: Reactor, logger: Logger) -> PermitDesk {
    let limiter = CallLimiter(
      policy: rate.policy, concurrency: AdaptiveConcurrency(maximum: rate.maximumConcurrency),
      weights: rate.weightsByName, lanes: amqp.weightedQueues.map(\.weight), hasSpareLane: amqp.overflowQueue != nil,
      now: .nanoseconds(reactor.now.nanoseconds))
    return PermitDesk(
      limiter: limiter, rules: .init(longestHold: rate.longestHold, longPause: rate.longPause), held: amqp.prefetch,
      reactor: reactor, logger: logger)
  }

  func pipelineSettings(_ catalogue: APICatalogue) -> PipelineSettings {
    PipelineSettings(
      validator: RequestValidator(catalogue: catalogue, policy: validationPolicy),
      replies: replyPolicy,
      retry: RetryPolicy(
        maximumAttempts: retry.maximumAttempts, isEnabled: retry.enabled, giveUpAfter: retry.giveUpAfter),
      retryBudget: RetryBudget.Policy(percent: retry.budgetPercent, floor: retry.budgetPerMinute),
      replyRetry: ReplyBreaker.Policy(
        maximumPublishes: replies.maximumPublishes, firstPause: replies.retryPause,
        failures: replies.parkingFailures, downTime: replies.parkingTime),
      bytesInWork: bytesInWorkOfLoop, queues: amqp.consumedQueues,
      overflowLane: amqp.overflowQueue == nil ? nil : amqp.weightedQueues.count)
  }
}

extension RateSettings {
  var policy: RatePolicy {
    RatePolicy(limits: limits, startCallsPerSecond: Double(startCallsPerSecond), probes: probes)
  }

  var maximumConcurrency: Int { maximumConcurrentCalls == 0 ? .max : maximumConcurrentCalls }

  var weightsByName: [String: Int] { Dictionary(weights.map { ($0.name, $0.weight) }) { $1 } }
}
