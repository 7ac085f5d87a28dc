internal import AMQP
internal import OCRContract

extension Doctor {
  private static let area = "broker"

  /// Connection, topology, permissions and the state of the work queue.
  func broker() async -> [Finding] {
    let visit: BrokerVisit
    do throws(RelayStartError) {
      visit = try self.visit()
    } catch {
      return [Finding(Self.area, "address", .fail, error.description)]
    }
    switch await visit.open() {
    case .failure(let failure):
      return [
        Finding(Self.area, "connection", .fail, "\(failure)", advice: BrokerAdvice.text(for: failure)),
        Finding(Self.area, "policies and alarms", .skip, "there is no connection to the broker"),
        Finding("topology", "exchanges and queues", .skip, "there is no connection to the broker"),
      ]
    case .success(let opened):
      var findings = [connection(opened)]
      let inspections = await TopologyInspector.inspect(configuration.topology, visit)
      findings += [configurePermission(inspections)]
      findings += await readPermissions(visit)
      let missing = Set(inspections.filter { $0.state == .missing }.map(\.item.name))
      findings += await writePermissions(visit, missing: missing)
      await visit.close()
      findings += await management(of: opened, missing: missing)
      return findings + summary(inspections)
    }
  }

  private func connection(_ opened: BrokerVisit.Opened) -> Finding {
    let version = PrintableASCII.text(opened.version ?? "a broker of unknown version")
    let oldest = (3, 10)
    let numbers = version.split { !$0.isNumber }.compactMap { Int($0) }
    if version.hasPrefix("RabbitMQ"), numbers.count >= 2, (numbers[0], numbers[1]) < oldest {
      return Finding(
        Self.area, "connection", .fail, "\(opened.endpoint) is \(version)",
        advice: "use RabbitMQ \(oldest.0).\(oldest.1) or newer: older ones lose dead letters of quorum queues")
    }
    return Finding(Self.area, "connection", .ok, "\(opened.endpoint) is \(version)")
  }

  /// The topology in one line where it is right, and line by line where it is not.
  private func summary(_ inspections: [TopologyInspector.Inspection]) -> [Finding] {
    let missing = inspections.filter { $0.state == .missing }.map(\.item.name)
    let others = inspections.filter { $0.state != .missing }.map(\.finding)
    let right = others.count { $0.level == .ok }
    let name = "exchanges and queues"
    return others.filter { $0.level != .ok } + (missing.isEmpty ? [] : [absence(missing)])
      + (right > 0 ? [Finding("topology", name, .ok, "\(right) are as they should be")] : [])
  }

  private func absence(_ names: [String]) -> Finding {
    let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    let isMade = configuration.amqp.topology == .apply
    return Finding(
      "topology", "exchanges and queues", isMade ? .warn : .fail, "\(names.count) are missing: \(shown)",
      advice: isMade
        ? "nothing; `serve` makes them at its start" : "run `ocr-relay topology apply`, or have them declared")
  }

  private func configurePermission(_ inspections: [TopologyInspector.Inspection]) -> Finding {
    let isForbidden = inspections.contains { if case .unknown = $0.state { true } else { false } }
    guard isForbidden else { return Finding(Self.area, "right to configure", .ok, "given") }
    guard configuration.amqp.topology == .apply else {
      return Finding(Self.area, "right to configure", .ok, "not given, and not needed with amqp.topology as it is")
    }
    return Finding(
      Self.area, "right to configure", .fail, "not given, but amqp.topology is apply",
      advice: "set amqp.topology to verify, or give the user the right to configure `ocr\\..*`")
  }

  private func readPermissions(_ visit: BrokerVisit) async -> [Finding] {
    var findings: [Finding] = []
    for queue in configuration.amqp.consumedQueues { findings += await readPermission(visit, queue) }
    return findings
  }

  private func readPermission(_ visit: BrokerVisit, _ queue: String) async -> [Finding] {
    let check = "right to read \(queue)"
    let look = BrokerRequest.declareQueue(.init(queue, passive: true))
    guard case .success(.queue(let messages, let consumers)) = await visit.ask(look) else {
      return [Finding(Self.area, check, .skip, "the queue cannot be looked at")]
    }
    let state =
      messages > 0 && consumers == 0
      ? Finding(
        Self.area, "work queue", .warn, "\(messages) requests wait and no relay takes them",
        advice: "start a relay, or look at the log and /readyz of those that run")
      : Finding(Self.area, "work queue", .ok, "\(messages) requests wait, \(consumers) relays take them")
    // Fetching is the only question that needs this right; a message that came would count as delivered once more.
    guard messages == 0 else {
      return [state, Finding(Self.area, check, .skip, "not tried while requests wait, to leave them untouched")]
    }
    guard case .failure(let failure) = await visit.ask(.get(queue: queue)) else {
      return [state, Finding(Self.area, check, .ok, "given")]
    }
    let advice = "give the user the right to read `\(queue)`"
    return [state, Finding(Self.area, check, .fail, "\(failure)", advice: advice)]
  }

  private func writePermissions(_ visit: BrokerVisit, missing: Set<String>) async -> [Finding] {
    var findings: [Finding] = []
    let needs = [
      (ExchangeName.retry, "requests that are to be tried again"), (ExchangeName.dead, "dead letters"),
      ("", "answers to queues that requests name"),
    ]
    for (exchange, purpose) in needs where !missing.contains(exchange) {
      findings.append(await writePermission(visit, exchange, purpose))
    }
    return findings
  }

  private func writePermission(_ visit: BrokerVisit, _ exchange: String, _ purpose: String) async -> Finding {
    let name = exchange.isEmpty ? "amq.default" : exchange
    let check = "right to write to \(name)"
    switch await visit.tryPublishing(to: exchange, timeout: configuration.amqp.connectTimeout) {
    case .permitted: return Finding(Self.area, check, .ok, "given")
    case .refused(let reason):
      let isNeeded = !exchange.isEmpty || configuration.replies.allow.contains { !$0.contains("/") }
      return Finding(
        Self.area, check, isNeeded ? .fail : .warn, "\(purpose) cannot be published: \(reason)",
        advice: "give the user the right to write to `\(name)`")
    case .blocked(let reason):
      return Finding(
        Self.area, check, .fail, "the broker takes no messages: \(PrintableASCII.text(reason))",
        advice: "give the broker memory or disk; answers and dead letters wait until then")
    case .silence:
      return Finding(
        Self.area, check, .fail, "the broker did not confirm a message",
        advice: "look for an alarm at the broker: rabbitmq-diagnostics alarms")
    }
  }
}
