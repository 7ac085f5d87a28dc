import OCRContract
import Testing

@testable import AMQP
@testable import OCRRelay

struct TopologyTests {
  private let topology = Topology(
    workQueue: "ocr.requests", resultsExchange: "ocr.results", apiNames: ["general-text", "web-image"])

  @Test func everythingIsDeclaredBeforeItIsUsed() {
    var exchanges: Set<String> = []
    var queues: Set<String> = []
    for request in topology.declarations {
      switch request {
      case .declareExchange(let name, _, let passive, let durable, let arguments):
        #expect(!passive && durable)
        if case .string(let alternate)? = arguments["alternate-exchange"] { #expect(exchanges.contains(alternate)) }
        exchanges.insert(name)
      case .declareQueue(let queue):
        #expect(!queue.passive && queue.durable && !queue.exclusive && !queue.autoDelete)
        if case .string(let target)? = queue.arguments["x-dead-letter-exchange"] {
          #expect(exchanges.contains(target), "\(queue.name) dead-letters into nothing")
        }
        queues.insert(queue.name)
      case .bindQueue(let queue, let exchange, _):
        #expect(queues.contains(queue) && exchanges.contains(exchange))
      default: Issue.record("unexpected request \(request)")
      }
    }
  }

  /// A message that a queue drops in the moment after its declaration finds the way to where it is kept.
  @Test func deadLetterTargetsAreBoundBeforeTheQueuesThatUseThem() throws {
    let requests = topology.declarations
    let work = try #require(requests.firstIndex { Self.declares("ocr.requests", $0) })
    let poison = BrokerRequest.bindQueue(queue: "ocr.dead.poison", exchange: "ocr.dead", routingKey: "poison")
    #expect(try #require(requests.firstIndex(of: poison)) < work)
    let back = BrokerRequest.bindQueue(queue: "ocr.requests", exchange: "ocr.retry-in", routingKey: "*.ocr.requests")
    let firstLevel = try #require(requests.firstIndex { Self.declares("ocr.retry.2s", $0) })
    #expect(try #require(requests.firstIndex(of: back)) < firstLevel)
  }

  private static func declares(_ name: String, _ request: BrokerRequest) -> Bool {
    if case .declareQueue(let queue) = request { queue.name == name } else { false }
  }

  private var queues: [String: [String: FieldValue]] {
    var found: [String: [String: FieldValue]] = [:]
    for case .declareQueue(let queue) in topology.declarations { found[queue.name] = queue.arguments }
    return found
  }

  @Test func theNamesAreThoseOfTheContract() {
    #expect(
      Set(queues.keys) == Set(QueueName.dead + RetryLevel.allCases.map(\.queue) + ["ocr.unroutable", "ocr.requests"]))
    #expect(queues.values.allSatisfy { $0["x-queue-type"] == .string("quorum") })
    var kinds: [String: String] = [:]
    for case .declareExchange(let name, let kind, _, _, _) in topology.declarations { kinds[name] = kind }
    #expect(
      kinds == [
        "ocr.requests": "direct", "ocr.requests.other": "fanout", "ocr.results": "topic", "ocr.retry": "topic",
        "ocr.retry-in": "topic", "ocr.dead": "topic", "ocr.unroutable": "fanout",
      ])
  }

  @Test func queuesThatDeadLetterLoseNothingDoingSo() {
    let sources = queues.filter { $0.value["x-dead-letter-exchange"] != nil }
    #expect(sources.count == RetryLevel.allCases.count + 1)
    for arguments in sources.values {
      #expect(arguments["x-dead-letter-strategy"] == .string("at-least-once"))
      #expect(arguments["x-overflow"] == .string("reject-publish"), "at-least-once needs it")
    }
    #expect(queues["ocr.requests"]?["x-delivery-limit"] == .int32(20))
    #expect(queues["ocr.requests"]?["x-dead-letter-routing-key"] == .string("poison"))
  }

  @Test(arguments: QueueName.dead + ["ocr.unroutable"])
  func whatIsKeptIsKeptForGood(_ name: String) {
    #expect(queues[name] == ["x-queue-type": .string("quorum")], "no limit of age or length")
  }

  @Test(arguments: RetryLevel.allCases)
  func levelsHoldForTheirTime(_ level: RetryLevel) {
    let milliseconds: [RetryLevel: Int64] = [
      .twoSeconds: 2_000, .tenSeconds: 10_000, .oneMinute: 60_000, .tenMinutes: 600_000, .oneHour: 3_600_000,
    ]
    #expect(queues[level.queue]?["x-message-ttl"] == milliseconds[level].map { .int64($0) })
    #expect(queues[level.queue]?["x-dead-letter-routing-key"] == nil, "the key that names the work queue must survive")
    #expect(
      topology.declarations.contains(
        .bindQueue(queue: level.queue, exchange: "ocr.retry", routingKey: "\(level.rawValue).#")))
  }

  @Test func requestsReachTheWorkQueueByAnyKey() {
    for api in ["general-text", "web-image"] {
      #expect(
        topology.declarations.contains(.bindQueue(queue: "ocr.requests", exchange: "ocr.requests", routingKey: api)))
    }
    #expect(
      topology.declarations.contains(.bindQueue(queue: "ocr.requests", exchange: "ocr.requests.other", routingKey: "")))
  }

  @Test func checksLookAtEverythingAndChangeNothing() {
    var seen: Set<String> = []
    for request in topology.checks {
      switch request {
      case .declareExchange(let name, _, let passive, _, _):
        #expect(passive)
        seen.insert("exchange " + name)
      case .declareQueue(let queue):
        #expect(queue.passive)
        seen.insert("queue " + queue.name)
      default: Issue.record("a check must not change anything: \(request)")
      }
    }
    #expect(seen.count == 7 + queues.count)
  }

  @Test func eachLaneHasAQueueAnExchangeAndItsRetries() {
    var lanes = topology
    lanes.otherWorkQueues = ["ocr.requests.bulk"]
    lanes.overflowQueue = "ocr.requests.overflow"
    let declarations = lanes.declarations
    var arguments: [String: [String: FieldValue]] = [:]
    for case .declareQueue(let queue) in declarations { arguments[queue.name] = queue.arguments }
    for queue in ["ocr.requests.bulk", "ocr.requests.overflow"] {
      #expect(arguments[queue] == arguments["ocr.requests"])
      #expect(lanes.checks.contains(.declareQueue(.init(queue, passive: true))))
    }
    #expect(declarations.contains(.declareExchange(name: "ocr.requests.bulk", kind: "fanout")))
    for (queue, exchange, key) in [
      ("ocr.requests.bulk", "ocr.requests.bulk", ""), ("ocr.requests.bulk", "ocr.retry-in", "*.ocr.requests.bulk"),
      ("ocr.requests.overflow", "ocr.retry", "overflow.#"),
    ] {
      #expect(declarations.contains(.bindQueue(queue: queue, exchange: exchange, routingKey: key)))
    }
    let levels = RetryLevel.allCases.map(\.routingKey)
    #expect(!levels.contains(Topology.overflowKey), "what goes to a level stays out of the overflow")
    let policy = ReplyPolicy(allowing: ["*", "*/*"])
    #expect(!policy.allows(.exchange("ocr.requests.bulk", routingKey: "general-text")))
    #expect(!policy.allows(.queue("ocr.requests.bulk")) && !policy.allows(.queue("ocr.requests.overflow")))
  }

  @Test func noReplyMayGoIntoTheRelaysOwnExchanges() {
    let policy = ReplyPolicy(allowing: ["*/*"])
    for case .declareExchange(let name, _, _, _, _) in topology.declarations where name != "ocr.results" {
      #expect(!policy.allows(.exchange(name, routingKey: "general-text")), "\(name)")
    }
  }
}
