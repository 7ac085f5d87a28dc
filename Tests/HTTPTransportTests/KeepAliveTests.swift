import HTTPTransport
import Testing

extension HTTPTransportSuite {
  /// Which connections serve another call, and which do not.
  @Suite(.timeLimit(.minutes(2))) struct KeepAliveTests {
    @Test func aClosedIdleConnectionIsReplaced() async throws {
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.answer()
      }
      let caller = try Caller()
      for index in 0..<10 {
        let outcome = try await caller.call(TestCall(url: server.url("/\(index)"), body: .bytes([1])))
        #expect(outcome.status == 200, "\(String(describing: outcome.failure))")
        #expect(!outcome.reused)
        // The client hears of the end although it asks for nothing.
        try await noConnectionIsLeft(to: server.port)
      }
      await caller.close()
      server.stop()
      #expect(server.requests.map { $0.head.split(separator: " ")[1] } == (0..<10).map { "/\($0)" })
    }

    /// A server that ends connections without a word in the answer: a call that waits must not go out on such a one.
    @Test func anEndThatComesWithTheAnswerIsSeen() async throws {
      let server = ScriptedServer { connection in
        connection.sendOnClose()
        guard let request = connection.readRequest() else { return }
        connection.answer(body: request.body)
      }
      let caller = try Caller { $0.maximumConnections = 2 }
      let url = server.url()
      let outcomes = try await caller.parallel(50) { TestCall(url: url, body: .bytes([UInt8($0)])) }
      #expect(outcomes.compactMap(\.failure) == [])
      #expect(outcomes.map(\.body) == (0..<50).map { [UInt8($0)] })
      await caller.close()
      server.stop()
      #expect(server.connections == 50 && server.requests.count == 50)
    }

    /// An answer after which the connection must not be used, although the server keeps it open.
    static let lastAnswers = [
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: keep-alive, Close\r\n\r\ngood",
      "HTTP/1.0 200 OK\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\ngood",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
      // Something follows that looks like the answer to the next request.
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nevil",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood\r\n",
    ]

    @Test(arguments: lastAnswers)
    func aConnectionThatIsNotTrustedServesNoSecondCall(answer: String) async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.send(answer) }
      }
      let caller = try Caller()
      for _ in 0..<5 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1])))
        #expect(String(decoding: outcome.body, as: UTF8.self) == "good")
        #expect(!outcome.reused)
        #expect(connections(to: server.port) == 0)
      }
      await caller.close()
      server.stop()
      #expect(server.connections == 5 && server.requests.count == 5)
    }

    /// A body where there is none by definition arrives after the answer was taken as complete.
    @Test(arguments: [204, 304])
    func aLateBodyIsNotTheNextAnswer(status: Int) async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil {
          connection.send("HTTP/1.1 \(status) X\r\nContent-Length: 42\r\n\r\n")
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        }
      }
      let caller = try Caller()
      for _ in 0..<5 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1])))
        #expect(outcome.status == status && outcome.body.isEmpty && !outcome.reused)
      }
      await caller.close()
      server.stop()
    }

    @Test func aServerThatSpeaksUnaskedLosesItsConnection() async throws {
      let (answered, signal) = AsyncStream.makeStream(of: Void.self)
      let isReceived = Gate()
      let server = ScriptedServer { connection in
        guard connection.readRequest() != nil else { return }
        connection.answer()
        isReceived.wait()
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        connection.waitForPeer()
        signal.yield()
      }
      let caller = try Caller()
      var arrivals = answered.makeAsyncIterator()
      for _ in 0..<5 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1])))
        #expect(String(decoding: outcome.body, as: UTF8.self) == "{}" && !outcome.reused)
        isReceived.open()
        await arrivals.next()
      }
      await caller.close()
      server.stop()
    }

    @Test(arguments: [
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngood",
      "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "1\r\ng\r\n3;x=y\r\nood\r\n0\r\nX: y\r\n\r\n",
    ])
    func anAnswerInSingleBytesIsTheSame(answer: String) async throws {
      let server = ScriptedServer { connection in
        connection.sendAtOnce()
        while connection.readRequest() != nil {
          for byte in answer.utf8 { connection.send([byte]) }
        }
      }
      let caller = try Caller()
      for index in 0..<3 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1])))
        #expect(String(decoding: outcome.body, as: UTF8.self) == "good" && outcome.contentType == "text/plain")
        #expect(outcome.reused == (index > 0))
      }
      await caller.close()
      server.stop()
    }

    @Test(arguments: [true, false])
    func oldConnectionsAreNotUsedAgain(isLifetime: Bool) async throws {
      let server = ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer() }
      }
      let caller = try Caller {
        // Whatever time passes between two turns of the loop is longer.
        if isLifetime { $0.connectionLifetime = .nanoseconds(1) } else { $0.connectionIdleLimit = .nanoseconds(1) }
      }
      for _ in 0..<5 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([1])))
        #expect(outcome.status == 200 && !outcome.reused)
        #expect(connections(to: server.port) == 1)
      }
      await caller.close()
      server.stop()
      #expect(server.connections == 5 && server.requests.count == 5)
    }

    @Test func moreServersThanConnectionsTakeTurns() async throws {
      let servers = (0..<5).map { _ in
        ScriptedServer { connection in
          while let request = connection.readRequest() { connection.answer(body: request.body) }
        }
      }
      let caller = try Caller { $0.maximumConnections = 2 }
      for round in 0..<20 {
        let server = servers[round % 5]
        let outcome = try await caller.call(TestCall(url: server.url(), body: .bytes([UInt8(round)])))
        #expect(outcome.body == [UInt8(round)] && !outcome.reused)
        #expect(servers.map { connections(to: $0.port) }.reduce(0, +) <= 2)
      }
      let urls = servers.map { $0.url() }
      let outcomes = try await caller.parallel(100) { TestCall(url: urls[$0 % 5], body: .bytes([UInt8($0)])) }
      #expect(outcomes.map(\.body) == (0..<100).map { [UInt8($0)] })
      #expect(servers.map { connections(to: $0.port) }.reduce(0, +) <= 2)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      for server in servers {
        server.stop()
        #expect(server.requests.count == 24)
      }
    }
  }
}
