import HTTPTransport
import Testing

extension HTTPTransportSuite {
  /// One misbehaviour of a server and what must become of the call.
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var kind: HTTPFailure.Kind
    var script: ScriptedServer.Script
    var testDescription: String { name }

    init(_ name: String, _ kind: HTTPFailure.Kind, afterRequest script: @escaping ScriptedServer.Script) {
      self.name = name
      self.kind = kind
      self.script = { connection in
        guard connection.readRequest() != nil else { return }
        script(connection)
      }
    }
  }

  static let faults: [Fault] = [
    Fault("closes after reading", .connectionLost) { _ in },
    Fault("resets after reading", .connectionLost) { $0.resetOnClose() },
    Fault("hangs before the headers", .timedOut) { $0.waitForPeer() },
    Fault("hangs in the headers", .timedOut) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Le")
      $0.waitForPeer()
    },
    Fault("hangs in the body", .timedOut) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
      $0.waitForPeer()
    },
    Fault("drips the body", .timedOut) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
      while !$0.peerClosesWithinTick(), $0.send("x") {}
    },
    Fault("drips the headers", .timedOut) {
      $0.send("HTTP/1.1 200 OK\r\n")
      while !$0.peerClosesWithinTick(), $0.send("A: b\r\n") {}
    },
    Fault("truncates the body", .connectionLost) { $0.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") },
    Fault("truncates a chunk", .connectionLost) {
      $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
    },
    Fault("resets in the body", .connectionLost) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
      $0.resetOnClose()
    },
    Fault("announces too much", .responseTooLarge) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 70001\r\n\r\n")
      $0.waitForPeer()
    },
    Fault("sends too much in chunks", .responseTooLarge) {
      $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while $0.send("1000\r\n" + String(repeating: "x", count: 4096) + "\r\n") {}
    },
    Fault("sends too much until it closes", .responseTooLarge) {
      $0.send("HTTP/1.1 200 OK\r\n\r\n")
      while $0.send(String(repeating: "x", count: 4096)) {}
    },
    Fault("sends endless headers", .headersTooLarge) {
      $0.send("HTTP/1.1 200 OK\r\n")
      while $0.send("X-Filler: \(String(repeating: "y", count: 1000))\r\n") {}
    },
    Fault("sends endless interim answers", .headersTooLarge) {
      while $0.send("HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n") {}
    },
    Fault("speaks something else", .malformedResponse) {
      $0.send("SSH-2.0-OpenSSH_9.2\r\n")
      $0.waitForPeer()
    },
    Fault("speaks HTTP/0.9", .malformedResponse) { $0.send("<html>hello</html>\n") },
  ]

  @Suite struct FaultTests {
    @Test(arguments: faults)
    func aFaultBecomesItsKind(fault: Fault) async throws {
      let server = ScriptedServer(fault.script)
      let caller = try Caller {
        $0.responseBodyLimit = 70_000
        $0.responseHeaderLimit = 128 << 10
      }
      // The faults that end by themselves have a limit that a slow machine does not reach.
      let timeout = fault.kind == .timedOut ? Duration.milliseconds(150) : .seconds(20)
      let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1]), timeout: timeout))
      let failure = try #require(outcome.failure)
      #expect(failure.kind == fault.kind, "\(failure)")
      #expect(failure.requestSent)
      #expect(!failure.description.contains("secret"))
      await #expect(caller.bytesInUse == 0)
      await #expect(caller.activeCalls == 0)
      #expect(connections(to: server.port) == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.count == 1)
    }

    @Test func aSlowTransferIsEnded() async throws {
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while !connection.peerClosesWithinTick(), connection.send("x") {}
      }
      let caller = try Caller {
        $0.lowSpeedBytesPerSecond = 100_000
        $0.lowSpeedDuration = .seconds(1)
      }
      let outcome = try await caller.call(TestCall(url: server.url()))
      #expect(outcome.failure?.kind == .timedOut)
      #expect(outcome.failure?.detail.contains("too slow") == true)
      await caller.close()
      server.stop()
    }

    @Test func anAnswerDuringTheUploadIsKept() async throws {
      let server = ScriptedServer { connection in
        guard connection.readHead() != nil else { return }
        connection.answer(413, headers: "Connection: close\r\n", body: Array("too large".utf8))
        connection.waitForPeer()
      }
      let caller = try Caller()
      let body = patternedBytes(10 << 20)
      for _ in 0..<5 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes(body)))
        #expect(outcome.status == 413, "\(String(describing: outcome.failure))")
        #expect(String(decoding: outcome.body, as: UTF8.self) == "too large")
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func redirectsAreAnswers(status: Int) async throws {
      let other = ScriptedServer { connection in
        _ = connection.readRequest()
        connection.answer()
      }
      let location = other.url("/stolen")
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.answer(status, headers: "Location: \(location)\r\n")
        connection.waitForPeer()
      }
      let caller = try Caller()
      #expect(try await caller.call(TestCall(url: server.url(), body: .bytes([1]))).status == status)
      await caller.close()
      server.stop()
      other.stop()
      #expect(other.connections == 0)
    }

    @Test func aRefusedConnectionSentNothing() async throws {
      let (listener, port) = listenOnLoopback(backlog: 1)
      closeDescriptor(listener)
      let caller = try Caller()
      let failure = try #require(
        try await caller.call(TestCall(url: "http://127.0.0.1:\(port)/", body: .bytes([1]))).failure)
      #expect(failure.kind == .connectFailed)
      #expect(!failure.requestSent)
      await caller.close()
    }

    @Test func aSilentHandshakeTimesOutAsConnecting() async throws {
      let server = ScriptedServer { $0.waitForPeer() }
      let caller = try Caller { $0.connectTimeout = .milliseconds(100) }
      let failure = try #require(
        try await caller.call(TestCall(url: "https://127.0.0.1:\(server.port)/", body: .bytes([1]))).failure)
      #expect(failure.kind == .connectTimedOut)
      #expect(!failure.requestSent)
      await caller.close()
      server.stop()
    }

    @Test func anUnknownHostSentNothing() async throws {
      let caller = try Caller()
      let failure = try #require(
        try await caller.call(TestCall(url: "http://no-such-host.invalid/?secret", timeout: .seconds(1))).failure)
      #expect([.resolveFailed, .connectTimedOut].contains(failure.kind), "\(failure)")
      #expect(!failure.requestSent)
      #expect(!failure.description.contains("secret"))
      await #expect(caller.bytesInUse == 0)
      await caller.close()
    }

    @Test func aSourceThatEndsEarlyFailsItsCall() async throws {
      let server = ScriptedServer { connection in _ = connection.readRequest() }
      let caller = try Caller()
      let outcome = try await caller.call(
        TestCall(url: server.url(), body: .source(patternedBytes(100_000), announced: 100_001)))
      #expect(outcome.failure?.kind == .bodySourceFailed)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.isEmpty)
    }

    @Test func plainHTTPNeedsPermission() async throws {
      let server = ScriptedServer { $0.waitForPeer() }
      let caller = try Caller { $0.allowPlainHTTP = false }
      let outcome = try await caller.call(TestCall(url: server.url()))
      #expect(outcome.failure?.kind == .invalidRequest)
      await caller.close()
      server.stop()
      #expect(server.connections == 0)
    }
  }
}
