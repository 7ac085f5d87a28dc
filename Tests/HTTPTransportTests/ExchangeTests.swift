import HTTPTransport
import Testing

extension HTTPTransportSuite {
  @Suite struct ExchangeTests {
    @Test(arguments: ["none", "bytes", "buffer", "source"])
    func aBodyArrivesAsItIs(kind: String) async throws {
      let server = ScriptedServer { connection in
        while let request = connection.readRequest() {
          connection.answer(headers: "Content-Type: text/plain \r\nX-Request-ID:abc\r\n", body: request.body)
        }
      }
      let caller = try Caller()
      let bytes = patternedBytes(1500)
      let bodies: [String: TestCall.Body] = [
        "none": .none, "bytes": .bytes(bytes), "buffer": .buffer(bytes), "source": .source(bytes, announced: 1500),
      ]
      for _ in 0..<3 {
        let outcome = try await caller.call(TestCall(url: server.url("/a?b=c"), body: try #require(bodies[kind])))
        #expect(outcome.failure == nil)
        #expect(outcome.status == 200)
        #expect(outcome.body == (kind == "none" ? [] : bytes))
        #expect(outcome.contentType == "text/plain")
        #expect(outcome.requestID == "abc")
        #expect(outcome.bytesSent == outcome.body.count)
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      let head = try #require(server.requests.first).head
      #expect(head.hasPrefix("POST /a?b=c HTTP/1.1\r\n"))
      #expect(head.contains("\r\nX-Auth-Token: secret\r\n") && head.contains("\r\nUser-Agent: ocr-relay\r\n"))
      #expect(!head.lowercased().contains("expect:") && !head.lowercased().contains("accept-encoding"))
    }

    @Test(arguments: ["/", "/lost", "/hang"])
    func aBodyIsGivenBackBeforeItsCallEnds(path: String) async throws {
      let server = ScriptedServer { connection in
        while let request = connection.readRequest() {
          if request.head.contains("/lost") { return }
          if request.head.contains("/hang") { return connection.waitForPeer() }
          connection.answer(204, body: [])
        }
      }
      let caller = try Caller()
      let bytes = patternedBytes(300_000)
      for body in [TestCall.Body.buffer(bytes), .bytes(bytes), .source(bytes, announced: bytes.count)] {
        let call = TestCall(url: server.url(path), body: body, timeout: path == "/hang" ? .milliseconds(50) : nil)
        // An empty answer has a block of the smallest size.
        await #expect(try caller.bytesInUseAtCompletion(call) <= 1024)
      }
      await caller.close()
      server.stop()
    }

    @Test func connectionsAreKeptAlive() async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer() }
      }
      let caller = try Caller()
      var reused = 0
      for index in 0..<20 {
        let method = index % 2 == 0 ? HTTPMethod.post : .get
        let outcome = try await caller.call(TestCall(url: server.url(), method: method, body: .bytes([1, 2])))
        #expect(outcome.status == 200)
        reused += outcome.reused ? 1 : 0
      }
      #expect(reused == 19)
      await caller.close()
      server.stop()
      #expect(server.connections == 1)
      #expect(server.requests.map(\.isPost) == (0..<20).map { $0 % 2 == 0 })
      #expect(server.requests.filter { !$0.isPost }.allSatisfy { $0.body.isEmpty })
    }

    @Test(arguments: [false, true])
    func tenMegabytesArriveUnchanged(fromSource: Bool) async throws {
      let bytes = patternedBytes(10 << 20)
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer() }
      }
      let caller = try Caller()
      // The client is opened by a first call, so that the buffer comes from its pool.
      _ = try await caller.call(TestCall(url: server.url()))
      let body = fromSource ? TestCall.Body.source(bytes, announced: bytes.count) : .buffer(bytes)
      let outcome = try await caller.call(TestCall(url: server.url(), body: body))
      #expect(outcome.status == 200)
      #expect(outcome.bytesSent == bytes.count)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.last?.body == bytes)
    }

    @Test func largeChunkedAnswersArriveUnchanged() async throws {
      let bytes = patternedBytes(3 << 20)
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
          let piece = bytes[start..<min(start + 100_000, bytes.count)]
          connection.send("\(String(piece.count, radix: 16))\r\n")
          connection.send(Array(piece))
          connection.send("\r\n")
        }
        connection.send("0\r\nContent-Type: trailer\r\n\r\n")
        connection.waitForPeer()
      }
      let caller = try Caller()
      let outcome = try await caller.call(TestCall(url: server.url()))
      #expect(outcome.body == bytes)
      #expect(outcome.contentType == nil)
      await caller.close()
      server.stop()
    }

    @Test func extraHeadersGoWithTheirCallAlone() async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer() }
      }
      let caller = try Caller()
      let many = (0..<9).map { ("x-n\($0)", "\($0)") } + [("x-empty", "")]
      for extra in [[], [("traceparent", "00-1-2-01")], [], many] {
        #expect(try await caller.call(TestCall(url: server.url(), extraHeaders: extra)).status == 200)
      }
      await caller.close()
      server.stop()
      #expect(server.requests.map { $0.head.contains("traceparent: 00-1-2-01\r\n") } == [false, true, false, false])
      #expect(server.requests.map { $0.head.contains("x-n8: 8\r\n") } == [false, false, false, true])
      #expect(server.requests.last?.head.contains("x-empty:\r\n") == true)
      #expect(server.requests.allSatisfy { $0.head.contains("X-Auth-Token: secret\r\n") })
    }

    @Test func interimAnswersAreNotTheAnswer() async throws {
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.send("HTTP/1.1 103 Early Hints\r\nX-Request-Id: early\r\n\r\n")
        connection.answer(201, headers: "X-Request-Id: final\r\n")
        connection.waitForPeer()
      }
      let caller = try Caller()
      let outcome = try await caller.call(TestCall(url: server.url()))
      #expect(outcome.status == 201)
      #expect(outcome.requestID == "final")
      await caller.close()
      server.stop()
    }

    @Test(arguments: [8, 200])
    func manyCallsAtOnceAllEnd(connections: Int) async throws {
      let server = ScriptedServer { connection in
        while let request = connection.readRequest() { connection.answer(body: request.body) }
      }
      let caller = try Caller { $0.maximumConnections = connections }
      let url = server.url()
      let outcomes = try await caller.parallel(200) { TestCall(url: url, body: .bytes([UInt8($0)])) }
      #expect(outcomes.map(\.body) == (0..<200).map { [UInt8($0)] })
      #expect(server.connections <= connections)
      await #expect(caller.bytesInUse == 0)
      await #expect(caller.activeCalls == 0)
      await caller.close()
      server.stop()
    }
  }
}
