import HTTPTransport
import TestSupport
import Testing

extension HTTPTransportSuite {
  /// Many calls at once with servers that do anything: each call ends once, with its own answer or none, and no `POST` is
  /// executed twice.
  @Suite(.timeLimit(.minutes(5))) struct ChaosTests {
    /// What a call asks for.
    private struct Plan {
      var path: String
      var method: HTTPMethod
      var body: TestCall.Body
      var timeout: Duration?
    }

    @Test(arguments: [1, 4, 16])
    func everyCallEndsWithItsOwnAnswerOrNone(maximumConnections: Int) async throws {
      var random = SeededRandom.announced()
      let seed = random.next()
      let servers = (0..<3).map { server in
        ScriptedServer { connection in
          var random = SeededRandom(seed: seed &+ UInt64(server * 10_000 + connection.index))
          while Self.serve(connection, &random) {}
        }
      }
      let plans = (0..<300).map { Self.plan($0, &random) }
      let calls = plans.indices.map { index in
        let plan = plans[index]
        return TestCall(
          url: servers[index % 3].url(plan.path), method: plan.method, body: plan.body, timeout: plan.timeout)
      }
      let caller = try Caller {
        $0.maximumConnections = maximumConnections
        $0.totalTimeout = .seconds(200)
      }
      let outcomes = try await caller.parallel(calls.count) { calls[$0] }
      await #expect(caller.bytesInUse == 0)
      await #expect(caller.activeCalls == 0)
      #expect(servers.map { connections(to: $0.port) }.reduce(0, +) <= maximumConnections)
      await caller.close()
      for server in servers { server.stop() }
      for (index, outcome) in outcomes.enumerated() {
        let requests = servers[index % 3].requests.count { $0.head.contains(" \(plans[index].path) ") }
        Self.judge(outcome, of: plans[index], executed: requests)
      }
    }

    private static func judge(_ outcome: Outcome, of plan: Plan, executed: Int) {
      let place = Comment(rawValue: "\(plan.method) \(plan.path)")
      #expect(executed <= (plan.method == .post ? 1 : 2), place)
      if let failure = outcome.failure {
        let late: [HTTPFailure.Kind] = plan.timeout == nil ? [] : [.timedOut, .connectTimedOut]
        #expect(([.connectionLost, .repeatRefused] + late).contains(failure.kind), "\(plan.path): \(failure)")
        #expect(failure.requestSent || executed == 0, place)
      } else if outcome.status == 413 {
        // A `GET` may have been sent before, on a connection that was dead.
        #expect(executed <= (plan.method == .post ? 0 : 1), place)
        #expect(String(decoding: outcome.body, as: UTF8.self) == "too large", place)
      } else {
        #expect(executed >= 1 && String(decoding: outcome.body, as: UTF8.self) == plan.path, place)
      }
    }

    private static func plan(_ index: Int, _ random: inout SeededRandom) -> Plan {
      guard !Int.random(in: 0..<20, using: &random).isMultiple(of: 20) else {
        return Plan(path: "/hang/\(index)", method: .post, body: .none, timeout: .milliseconds(100))
      }
      guard Int.random(in: 0..<4, using: &random) > 0 else {
        return Plan(path: "/get/\(index)", method: .get, body: .none)
      }
      let size = [0, 1, 1000, 20_000, 300_000].randomElement(using: &random) ?? 0
      let bytes = patternedBytes(size, seed: UInt64(index))
      let body = Bool.random(using: &random) ? TestCall.Body.bytes(bytes) : .source(bytes, announced: size)
      return Plan(path: "/post/\(index)", method: .post, body: body)
    }

    // MARK: The server

    /// Serves one request somehow. Returns whether the connection goes on.
    private static func serve(_ connection: ServerConnection, _ random: inout SeededRandom) -> Bool {
      let behaviour = Int.random(in: 0..<16, using: &random)
      if behaviour == 15 {
        guard connection.readHead() != nil else { return false }
        connection.answer(413, headers: "Connection: close\r\n", body: Array("too large".utf8))
        if Bool.random(using: &random) { connection.resetOnClose() }
        return false
      }
      guard let request = connection.readRequest() else { return false }
      let path = request.head.split(separator: " ")[1]
      if path.hasPrefix("/hang") {
        connection.waitForPeer()
        return false
      }
      let answer = RandomAnswer(status: 200, body: Array(path.utf8), using: &random)
      switch behaviour {
      case 0:
        return false
      case 1:
        connection.resetOnClose()
        return false
      case 2:
        guard !answer.endsAtClose else { return false }
        connection.send(Array(answer.bytes.dropLast(Int.random(in: 1...answer.bytes.count, using: &random))))
        return false
      case 3:
        connection.send(answer.bytes)
        return false
      case 4:
        let surplus = answer.endsAtClose ? "" : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        connection.send(answer.bytes + Array(surplus.utf8))
        return !answer.endsAtClose
      default:
        for piece in pieces(answer.bytes, &random) { connection.send(piece) }
        return !answer.endsAtClose
      }
    }

    private static func pieces(_ bytes: [UInt8], _ random: inout SeededRandom) -> [[UInt8]] {
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...rest.count, using: &random))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      return pieces
    }
  }
}
