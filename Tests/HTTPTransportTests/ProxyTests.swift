import HTTPTransport
import Testing

extension HTTPTransportSuite {
  /// The proxy of the configuration: it opens a way to the server and sees nothing else.
  @Suite(.timeLimit(.minutes(2))) struct ProxyTests {
    @Test func plainCallsGoThroughATunnel() async throws {
      let proxy = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.send("HTTP/1.1 200 Connection established\r\nVia: a\r\n\r\n")
        while let request = connection.readRequest() { connection.answer(body: request.body) }
      }
      let url = proxy.url("")
      let caller = try Caller { $0.proxy = url }
      for index in 0..<3 {
        let call = TestCall(url: "http://ocr.example.com/v2/a?b=c", body: .bytes([UInt8(index)]))
        let outcome = try await caller.call(call)
        #expect(outcome.body == [UInt8(index)], "\(String(describing: outcome.failure))")
        #expect(outcome.reused == (index > 0))
      }
      await caller.close()
      proxy.stop()
      let heads = proxy.requests.map(\.head)
      try #require(heads.count == 4)
      #expect(heads[0].hasPrefix("CONNECT ocr.example.com:80 HTTP/1.1\r\nHost: ocr.example.com:80\r\n"))
      #expect(!heads[0].contains("secret") && !heads[0].contains("v2"))
      for head in heads[1...] {
        #expect(head.hasPrefix("POST /v2/a?b=c HTTP/1.1\r\nHost: ocr.example.com\r\n"))
        #expect(head.contains("X-Auth-Token: secret\r\n") && !head.lowercased().contains("proxy"))
      }
    }

    @Test(arguments: [
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 502 X\r\n\r\n", "SSH-2.0-x\r\n", "",
    ])
    func aProxyThatRefusesGetsNoRequest(answer: String) async throws {
      let proxy = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.send(answer)
      }
      let url = proxy.url("")
      let caller = try Caller { $0.proxy = url }
      for _ in 0..<3 {
        let outcome = try await caller.call(TestCall(url: "http://ocr.example.com/", body: .bytes([1])))
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .connectFailed && !failure.requestSent, "\(failure)")
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      proxy.stop()
      #expect(proxy.requests.allSatisfy { $0.head.hasPrefix("CONNECT ") && !$0.head.contains("secret") })
    }

    @Test func aProxyThatHangsTimesOutAsConnecting() async throws {
      let proxy = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.waitForPeer()
      }
      let url = proxy.url("")
      let caller = try Caller {
        $0.proxy = url
        $0.connectTimeout = .milliseconds(100)
      }
      let failure = try #require(try await caller.call(TestCall(url: "http://ocr.example.com/")).failure)
      #expect(failure.kind == .connectTimedOut && !failure.requestSent, "\(failure)")
      await caller.close()
      proxy.stop()
    }
  }
}
