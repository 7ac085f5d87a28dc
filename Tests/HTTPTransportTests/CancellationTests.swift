import HTTPTransport
import Testing

extension HTTPTransportSuite {
  /// A phase of a call: the server brings the call there and says so.
  struct Phase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var scheme = "http"
    var bodySize = 10
    var script: @Sendable (ServerConnection, @Sendable () -> Void) -> Void
  }

  static let phases: [Phase] = [
    Phase(testDescription: "TLS handshake", scheme: "https") { connection, reached in
      connection.waitForFirstByte()
      reached()
      connection.waitForPeer()
    },
    Phase(testDescription: "upload", bodySize: 10 << 20) { connection, reached in
      guard connection.readHead() != nil else { return }
      reached()
      while !connection.peerClosesWithinTick() {}
    },
    Phase(testDescription: "waiting for the answer") { connection, reached in
      guard connection.readRequest() != nil else { return }
      reached()
      connection.waitForPeer()
    },
    Phase(testDescription: "headers") { connection, reached in
      guard connection.readRequest() != nil else { return }
      connection.send("HTTP/1.1 200 OK\r\nContent-")
      reached()
      connection.waitForPeer()
    },
    Phase(testDescription: "body") { connection, reached in
      guard connection.readRequest() != nil else { return }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
      reached()
      connection.waitForPeer()
    },
  ]

  @Suite struct CancellationTests {
    @Test(arguments: phases)
    func aCancelledCallLeavesNothing(phase: Phase) async throws {
      let (reached, signal) = AsyncStream.makeStream(of: Void.self)
      let server = ScriptedServer { phase.script($0) { signal.yield() } }
      let caller = try Caller()
      let url = "\(phase.scheme)://127.0.0.1:\(server.port)/"
      let body = patternedBytes(phase.bodySize)
      var arrivals = reached.makeAsyncIterator()
      for _ in 0..<5 {
        async let outcome = caller.call(TestCall(url: url, body: .bytes(body)))
        await arrivals.next()
        await caller.cancel(0)
        #expect(try await outcome.failure?.kind == .cancelled)
        await #expect(caller.bytesInUse == 0)
        await #expect(caller.activeCalls == 0)
        #expect(connections(to: server.port) == 0)
      }
      await caller.close()
      server.stop()
    }

    @Test func aCallCanBeCancelledBeforeItBegins() async throws {
      let caller = try Caller()
      let outcome = try await caller.call(TestCall(url: "http://no-such-host.invalid/"), cancelsAtOnce: true)
      let failure = try #require(outcome.failure)
      #expect(failure.kind == .cancelled && !failure.requestSent)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
    }

    @Test func waitingCallsCanBeCancelledAndExpire() async throws {
      let (reached, signal) = AsyncStream.makeStream(of: Void.self)
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        signal.yield()
        connection.waitForPeer()
      }
      let caller = try Caller {
        $0.maximumConnections = 1
        $0.maximumWaitingCalls = 2
      }
      let url = server.url()
      async let running = caller.call(TestCall(url: url), key: 1)
      var arrivals = reached.makeAsyncIterator()
      await arrivals.next()
      async let waiting = caller.call(TestCall(url: url), key: 2)
      await caller.started(2)
      async let other = caller.call(TestCall(url: url), key: 3)
      await caller.started(3)
      let refused = try await caller.call(TestCall(url: url), key: 4)
      #expect(refused.failure?.kind == .resourceExhausted)
      await caller.cancel(2)
      #expect(try await waiting.failure?.kind == .cancelled)
      let expired = try #require(try await caller.call(TestCall(url: url, timeout: .milliseconds(1))).failure)
      #expect(expired.kind == .timedOut && !expired.requestSent)
      await caller.cancel(3)
      #expect(try await other.failure?.kind == .cancelled)
      async let last = caller.call(TestCall(url: url), key: 5)
      await caller.started(5)
      await caller.cancel(1)
      let cancelled = try #require(try await running.failure)
      #expect(cancelled.kind == .cancelled && cancelled.requestSent)
      // The place of the cancelled call goes to the one that waited.
      await arrivals.next()
      await caller.cancel(5)
      #expect(try await last.failure?.kind == .cancelled)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.count == 2)
    }

    @Test func aCallWithoutTimeIsNotSent() async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer() }
      }
      let caller = try Caller()
      for method in [HTTPMethod.post, .get] {
        for timeout in [Duration.zero, .seconds(-1)] {
          // On a new connection first, then on one that is open.
          for _ in 0..<2 {
            let call = TestCall(url: server.url("/late"), method: method, body: .bytes([1]), timeout: timeout)
            let failure = try #require(try await caller.call(call).failure)
            #expect(failure.kind == .timedOut && !failure.requestSent, "\(failure)")
            #expect(try await caller.call(TestCall(url: server.url("/"))).status == 200)
          }
        }
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.count == 8 && server.connections == 1)
    }

    @Test func completionsMayStartAndCancelCalls() async throws {
      let server = ScriptedServer { connection in
        while let request = connection.readRequest() {
          if request.head.contains("/hang") { return connection.waitForPeer() }
          connection.answer()
        }
      }
      let caller = try Caller()
      _ = try await caller.call(TestCall(url: server.url()))
      let outcomes = try await caller.completionThatStartsAndCancels(
        TestCall(url: server.url("/a")), cancels: TestCall(url: server.url("/hang")),
        starts: TestCall(url: server.url("/b")))
      #expect(outcomes.map(\.status) == [200, nil, 200])
      #expect(outcomes.map { $0.failure?.kind } == [nil, .cancelled, nil])
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
    }

    @Test func shutdownEndsEveryCallOnce() async throws {
      let server = ScriptedServer { connection in
        guard let request = connection.readRequest() else { return }
        if request.head.contains("GET") || connection.index == 2 { connection.answer() }
        connection.waitForPeer()
      }
      let caller = try Caller { $0.maximumConnections = 5 }
      _ = try await caller.call(TestCall(url: server.url(), method: .get))
      let outcomes = try await caller.completionThatShutsDown(12, TestCall(url: server.url(), body: .bytes([1])))
      #expect(outcomes.count { $0.status == 200 } == 1)
      #expect(outcomes.count { $0.failure?.kind == .cancelled } == 11)
      #expect(connections(to: server.port) == 0)
      let late = try await caller.call(TestCall(url: server.url()))
      #expect(late.failure?.kind == .cancelled)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
    }
  }
}
