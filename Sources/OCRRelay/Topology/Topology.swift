internal import AMQP
internal import OCRContract

/// The exchanges and queues that the relay works with, as requests to the broker in the order that loses nothing: what
/// a queue dead-letters into is declared before the queue.
struct Topology {
  /// The queue that requests are taken from.
  let workQueue: String
  /// Further ones, each behind an exchange of its name.
  var otherWorkQueues: [String] = []
  /// The queue for what publishers have waiting beyond their share; nil without one.
  var overflowQueue: String?
  /// The exchange for answers to requests without `reply_to`.
  let resultsExchange: String
  /// Routing keys of the requests exchange that lead to the work queue.
  let apiNames: [String]

  /// Redeliveries of one message before the broker takes it for poison.
  static let deliveryLimit: Int32 = 20

  /// Everything, created where it is missing.
  var declarations: [BrokerRequest] {
    exchanges.map { declare($0, passive: false) } + deadLetterQueues + workQueueRequests + otherQueueRequests
      + retryQueues
  }

  /// The same things, looked at only.
  var checks: [BrokerRequest] {
    exchanges.map { declare($0, passive: true) } + queueNames.map { .declareQueue(.init($0, passive: true)) }
  }

  private struct Exchange {
    var name: String
    var kind: String
    var alternate: String?
  }

  private var exchanges: [Exchange] {
    [
      Exchange(name: ExchangeName.otherRequests, kind: "fanout"),
      Exchange(name: ExchangeName.requests, kind: "direct", alternate: ExchangeName.otherRequests),
      Exchange(name: resultsExchange, kind: "topic"),
      Exchange(name: ExchangeName.retry, kind: "topic"),
      Exchange(name: ExchangeName.retryIn, kind: "topic"),
      Exchange(name: ExchangeName.dead, kind: "topic"),
      Exchange(name: ExchangeName.unroutable, kind: "fanout"),
    ] + otherWorkQueues.map { Exchange(name: $0, kind: "fanout") }
  }

  private func declare(_ exchange: Exchange, passive: Bool) -> BrokerRequest {
    let arguments = exchange.alternate.map { ["alternate-exchange": FieldValue.string($0)] } ?? [:]
    return .declareExchange(name: exchange.name, kind: exchange.kind, passive: passive, arguments: arguments)
  }

  private var queueNames: [String] {
    QueueName.dead + [QueueName.unroutable, workQueue] + otherWorkQueues + (overflowQueue.map { [$0] } ?? [])
      + RetryLevel.allCases.map(\.queue)
  }

  private var deadLetterQueues: [BrokerRequest] {
    let quorum: [String: FieldValue] = ["x-queue-type": .string("quorum")]
    let dead = ErrorClass.allCases.flatMap { errorClass -> [BrokerRequest] in
      guard let queue = errorClass.deadLetterQueue else { return [] }
      return [
        .declareQueue(.init(queue, arguments: quorum)),
        .bindQueue(queue: queue, exchange: ExchangeName.dead, routingKey: errorClass.rawValue),
      ]
    }
    return dead + [
      .declareQueue(.init(QueueName.unroutable, arguments: quorum)),
      .bindQueue(queue: QueueName.unroutable, exchange: ExchangeName.unroutable, routingKey: ""),
    ]
  }

  private static let workQueueArguments: [String: FieldValue] = [
    "x-queue-type": .string("quorum"),
    "x-delivery-limit": .int32(deliveryLimit),
    "x-dead-letter-exchange": .string(ExchangeName.dead),
    "x-dead-letter-routing-key": .string(ErrorClass.poison.rawValue),
    "x-dead-letter-strategy": .string("at-least-once"),
    "x-overflow": .string("reject-publish"),
  ]

  private var workQueueRequests: [BrokerRequest] {
    [
      .declareQueue(.init(workQueue, arguments: Self.workQueueArguments)),
      .bindQueue(queue: workQueue, exchange: ExchangeName.retryIn, routingKey: "*.\(workQueue)"),
      .bindQueue(queue: workQueue, exchange: ExchangeName.otherRequests, routingKey: ""),
    ] + apiNames.map { .bindQueue(queue: workQueue, exchange: ExchangeName.requests, routingKey: $0) }
  }

  private var otherQueueRequests: [BrokerRequest] {
    let lanes = otherWorkQueues.flatMap { queue -> [BrokerRequest] in
      [
        .declareQueue(.init(queue, arguments: Self.workQueueArguments)),
        .bindQueue(queue: queue, exchange: ExchangeName.retryIn, routingKey: "*.\(queue)"),
        .bindQueue(queue: queue, exchange: queue, routingKey: ""),
      ]
    }
    guard let overflowQueue else { return lanes }
    return lanes + [
      .declareQueue(.init(overflowQueue, arguments: Self.workQueueArguments)),
      .bindQueue(queue: overflowQueue, exchange: ExchangeName.retry, routingKey: "\(Self.overflowKey).#"),
    ]
  }

  /// What the routing key of a request begins with that is moved to the overflow queue; its own queue follows.
  static let overflowKey = "overflow"

  private var retryQueues: [BrokerRequest] {
    RetryLevel.allCases.flatMap { level -> [BrokerRequest] in
      let arguments: [String: FieldValue] = [
        "x-queue-type": .string("quorum"),
        "x-message-ttl": .int64(level.delay.components.seconds * 1_000),
        "x-dead-letter-exchange": .string(ExchangeName.retryIn),
        "x-dead-letter-strategy": .string("at-least-once"),
        "x-overflow": .string("reject-publish"),
      ]
      return [
        .declareQueue(.init(level.queue, arguments: arguments)),
        .bindQueue(queue: level.queue, exchange: ExchangeName.retry, routingKey: "\(level.routingKey).#"),
      ]
    }
  }
}
