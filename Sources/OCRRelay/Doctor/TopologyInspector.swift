internal import AMQP

/// Compares the exchanges and queues of a broker with those that the relay works with. Creates nothing.
enum TopologyInspector {
  /// How an exchange or queue is.
  enum State: Sendable, Equatable {
    case right
    case missing
    /// It exists with other arguments; the broker's own words say which.
    case different(String)
    /// It exists; the user may not configure it, so that its arguments cannot be compared.
    case unknown(String)
    case unreadable(String)
  }

  /// An exchange or queue that the relay needs.
  struct Item: Sendable, Equatable {
    var name: String
    var isQueue: Bool
    /// Looks whether it is there.
    var check: BrokerRequest
    /// Declares it, which compares the arguments of one that is there.
    var declaration: BrokerRequest
  }

  /// What came of looking at an item.
  struct Inspection: Sendable, Equatable {
    var item: Item
    var state: State
  }

  /// The exchanges and queues of a topology.
  static func items(of topology: Topology) -> [Item] {
    topology.declarations.compactMap { request in
      switch request {
      case .declareExchange(let name, let kind, _, let durable, let arguments):
        Item(
          name: name, isQueue: false,
          check: .declareExchange(name: name, kind: kind, passive: true, durable: durable, arguments: arguments),
          declaration: request)
      case .declareQueue(let queue):
        Item(
          name: queue.name, isQueue: true, check: .declareQueue(.init(queue.name, passive: true)), declaration: request)
      default: nil
      }
    }
  }

  /// Looks at everything; stops at the first failure that is none of the topology.
  static func inspect(_ topology: Topology, _ visit: BrokerVisit) async -> [Inspection] {
    var inspections: [Inspection] = []
    for item in items(of: topology) {
      let state = await inspect(item, visit)
      inspections.append(Inspection(item: item, state: state))
      if case .unreadable = state { break }
    }
    return inspections
  }

  private static func inspect(_ item: Item, _ visit: BrokerVisit) async -> State {
    if case .failure(let failure) = await visit.ask(item.check) {
      return failure.replyCode == 404 ? .missing : .unreadable("\(failure)")
    }
    // It is there, so this creates nothing; the broker compares.
    guard case .failure(let failure) = await visit.ask(item.declaration) else { return .right }
    switch failure.replyCode {
    case 406: return .different("\(failure)")
    case 403: return .unknown("\(failure)")
    default: return .unreadable("\(failure)")
    }
  }
}

extension TopologyInspector.Inspection {
  /// For the report of `doctor` and `topology verify`.
  var finding: Finding {
    let name = "\(item.isQueue ? "queue" : "exchange") \(item.name)"
    switch state {
    case .right: return Finding("topology", name, .ok, "as it should be")
    case .missing:
      let advice = "run `ocr-relay topology apply`, or have it declared"
      return Finding("topology", name, .fail, "is missing", advice: advice)
    case .different(let text):
      let advice =
        item.isQueue
        ? "drain and delete the queue, then run `ocr-relay topology apply`; or set amqp.topology to off and keep it"
        : "delete the exchange, then run `ocr-relay topology apply`; its bindings are made again"
      return Finding("topology", name, .fail, "is different: \(text)", advice: advice)
    case .unknown:
      return Finding(
        "topology", name, .ok, "is there; its arguments cannot be compared without the right to configure it")
    case .unreadable(let text): return Finding("topology", name, .fail, text)
    }
  }
}
