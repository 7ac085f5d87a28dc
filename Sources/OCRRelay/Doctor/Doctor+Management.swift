internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import OCRContract

/// What AMQP does not tell: alarms, policies, and the delivery limit that is really in effect.
extension Doctor {
  private static let area = "broker"
  private static let subject = "policies and alarms"

  /// Asks the management API of the broker that the visit has reached.
  func management(of opened: BrokerVisit.Opened, missing: Set<String>) async -> [Finding] {
    let visit: ManagementVisit
    do throws(HTTPClientError) {
      visit = try ManagementVisit(
        managementAddress, of: opened.endpoint, caFile: configuration.amqp.caFile, reactor: loop.reactor)
    } catch {
      return [Finding(Self.area, Self.subject, .skip, "the management API cannot be asked: \(error)")]
    }
    do throws(ManagementVisit.Refusal) {
      let alarms = try await visit.alarms()
      return [alarmFinding(alarms)] + (try await rules(visit, opened, missing: missing))
    } catch {
      return [notLookedAt(error, visit)]
    }
  }

  private func alarmFinding(_ alarms: [String]) -> Finding {
    guard !alarms.isEmpty else { return Finding(Self.area, "alarms", .ok, "none") }
    return Finding(
      Self.area, "alarms", .fail, PrintableASCII.text(alarms.joined(separator: ", ")) + ": nothing can be published",
      advice: "give the broker memory or disk; answers and dead letters wait until then")
  }

  private func rules(
    _ visit: ManagementVisit, _ opened: BrokerVisit.Opened, missing: Set<String>
  ) async throws(ManagementVisit.Refusal) -> [Finding] {
    let since4 = Self.isVersion4(opened.version)
    let work = Set(configuration.amqp.consumedQueues)
    var findings: [Finding] = []
    var looked = 0
    var policies: Set<String> = []
    let queues = TopologyInspector.items(of: configuration.topology).filter(\.isQueue).map(\.name)
    for queue in queues + [QueueName.parked] where !missing.contains(queue) {
      guard let answer = try await present(visit, queue), let rules = QueueRules(answer) else { continue }
      looked += 1
      policies.formUnion(rules.policies)
      let kind: QueueRules.Kind =
        work.contains(queue) ? .work : RetryLevel.allCases.contains { $0.queue == queue } ? .level : .keeping
      findings += rules.findings(kind, since4: since4)
    }
    let names = policies.sorted().map { PrintableASCII.text($0) }.joined(separator: ", ")
    let text = policies.isEmpty ? "no policy touches" : "\(names) in effect; looked at"
    return findings + [Finding(Self.area, "policies", .ok, "\(text) \(looked) queues of the relay")]
  }

  /// A queue; nil when it is not there, which the topology has told.
  private func present(
    _ visit: ManagementVisit, _ queue: String
  ) async throws(ManagementVisit.Refusal) -> JSONValue? {
    do throws(ManagementVisit.Refusal) {
      return try await visit.queue(queue)
    } catch .missing {
      return nil
    }
  }

  static func isVersion4(_ version: String?) -> Bool {
    let major = version?.split { !$0.isNumber }.first.flatMap { Int($0) }
    return (major ?? 0) >= 4
  }

  private func notLookedAt(_ refusal: ManagementVisit.Refusal, _ visit: ManagementVisit) -> Finding {
    let isDerived = managementAddress == nil
    let hint = isDerived ? "name it with --management, or enable the plugin rabbitmq_management" : "check --management"
    switch refusal {
    case .unreachable(let reason):
      return Finding(
        Self.area, Self.subject, .skip, "no management API at \(visit.address): \(PrintableASCII.text(reason))",
        advice: hint)
    case .forbidden(let status):
      return Finding(
        Self.area, Self.subject, .skip,
        "the user may not ask the management API at \(visit.address) (HTTP \(status)); relays need no such right",
        advice: "to have this checked: rabbitmqctl set_user_tags USER monitoring")
    case .missing:
      return Finding(
        Self.area, Self.subject, .skip, "\(visit.address) is no management API of RabbitMQ 3.10 or newer", advice: hint)
    case .strange(let reason):
      return Finding(
        Self.area, Self.subject, .skip, "the management API at \(visit.address) is of no use: \(reason)", advice: hint)
    }
  }
}
