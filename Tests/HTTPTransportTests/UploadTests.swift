import HTTPTransport
import TestSupport
import Testing

extension HTTPTransportSuite {
  /// Large requests, and servers that do not want all of them.
  @Suite(.timeLimit(.minutes(5))) struct UploadTests {
    static let large = patternedBytes(10 << 20)
    static let bodies = [TestCall.Body.bytes(large), .source(large, announced: large.count)]

    @Test(arguments: bodies.indices)
    func aSlowReaderGetsEveryByte(body: Int) async throws {
      let server = slowServer()
      let caller = try Caller()
      for index in 0..<2 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: Self.bodies[body]))
        #expect(outcome.status == 200, "\(String(describing: outcome.failure))")
        #expect(outcome.bytesSent == Self.large.count && outcome.reused == (index > 0))
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
      #expect(server.requests.map { $0.body == Self.large } == [true, true])
    }

    /// TLS wants a write that did not succeed to be tried again with the same bytes.
    @Test(arguments: bodies.indices)
    func aSlowReaderBehindTLSGetsEveryByte(body: Int) async throws {
      let server = slowServer()
      let nginx = try await startNginx(
        """
        client_max_body_size 64m;
        client_body_buffer_size 8k;
        location / {
          proxy_request_buffering off;
          proxy_http_version 1.1;
          proxy_pass \(server.url());
        }
        """)
      let caller = try Caller { $0.caFile = nginx.places.certificates.authority }
      for index in 0..<2 {
        let outcome = try await caller.call(TestCall(url: nginx.tlsURL, body: Self.bodies[body]))
        #expect(outcome.status == 200, "\(String(describing: outcome.failure))")
        #expect(outcome.bytesSent == Self.large.count && outcome.reused == (index > 0))
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      await nginx.stop()
      server.stop()
      #expect(server.requests.map { $0.body == Self.large } == [true, true])
    }

    /// The server says that it wants no more, then resets the connection: the answer is there all the same.
    @Test(arguments: bodies.indices)
    func anAnswerBeforeAResetIsKept(body: Int) async throws {
      let server = ScriptedServer { connection in
        guard connection.readHead() != nil else { return }
        connection.answer(413, headers: "Connection: close\r\n", body: Array("too large".utf8))
        connection.resetOnClose()
      }
      let caller = try Caller()
      for _ in 0..<20 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: Self.bodies[body]))
        #expect(outcome.status == 413, "\(String(describing: outcome.failure))")
        #expect(String(decoding: outcome.body, as: UTF8.self) == "too large")
      }
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      server.stop()
    }

    @Test(arguments: bodies.indices)
    func anAnswerOfTLSBeforeAResetIsKept(body: Int) async throws {
      let nginx = try await startNginx("client_max_body_size 1m; lingering_close off; location / { return 200; }")
      let caller = try Caller { $0.caFile = nginx.places.certificates.authority }
      for _ in 0..<10 {
        let outcome = try await caller.call(TestCall(url: nginx.tlsURL, body: Self.bodies[body]))
        #expect(outcome.status == 413, "\(String(describing: outcome.failure))")
        #expect(!outcome.reused)
      }
      await caller.close()
      await nginx.stop()
    }

    /// Without a length, a reset is not the end of an answer.
    @Test func aResetDoesNotCompleteAnAnswer() async throws {
      let server = ScriptedServer { connection in
        guard connection.readHead() != nil else { return }
        connection.send("HTTP/1.1 200 OK\r\n\r\nthe first half")
        connection.resetOnClose()
      }
      let caller = try Caller()
      for _ in 0..<20 {
        let outcome = try await caller.call(TestCall(url: server.url(), body: Self.bodies[0]))
        #expect(outcome.failure?.kind == .connectionLost, "\(outcome.status ?? 0)")
      }
      await caller.close()
      server.stop()
    }

    private func slowServer() -> ScriptedServer {
      ScriptedServer { connection in
        connection.takeLittle()
        while connection.readRequest(slowly: true) != nil { connection.answer() }
      }
    }

    private func startNginx(_ settings: String) async throws -> NginxServer {
      try await NginxServer.start { places in
        """
        server {
          listen 127.0.0.1:\(places.tlsPort) ssl;
          server_name localhost;
          ssl_certificate \(places.certificates.server.certificate);
          ssl_certificate_key \(places.certificates.server.key);
          \(settings)
        }
        """
      }
    }
  }
}
