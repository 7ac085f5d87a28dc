import AMQP
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// The OCR service behind TLS.
  @Suite struct TLSTests {
    /// nginx with TLS in front of a sandbox.
    private func front(_ sandbox: Sandbox) async throws -> NginxServer {
      try await NginxServer.start { places in
        """
        server {
          listen 127.0.0.1:\(places.tlsPort) ssl;
          ssl_certificate \(places.certificates.server.certificate);
          ssl_certificate_key \(places.certificates.server.key);
          client_max_body_size 64m;
          location / { proxy_pass \(sandbox.url); }
        }
        """
      }
    }

    @Test func ownAuthorityIsTrustedWhenItIsNamed() async throws {
      let sandbox = try await Sandbox.start()
      let nginx = try await front(sandbox)
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let relay = try await RelayProcess.start(
        RelayProcess.settings(
          amqp: url, sandbox: nginx.tlsURL, ["BACKEND_CA_FILE": nginx.places.certificates.authority]))
      let mailbox = try await Mailbox.open(url, .ownQueue)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(await relay.process.terminate() == .code(0))
      await nginx.stop()
    }

    @Test func unknownAuthorityKeepsRequestsInTheQueue() async throws {
      let sandbox = try await Sandbox.start()
      let nginx = try await front(sandbox)
      let url = try await PrivateBroker.shared().makeVirtualHost()
      // Only the OCR calls go through TLS: the first request meets the wrong certificate.
      let relay = try await RelayProcess.start(
        RelayProcess.settings(amqp: url, sandbox: sandbox.url, ["BACKEND_ENDPOINT": nginx.tlsURL]))
      let mailbox = try await Mailbox.open(url, .ownQueue)
      let request = Request.picture()
      try await request.send(by: mailbox, to: await mailbox.queue)
      let line = try await relay.log("requests wait in the queue")
      #expect(line.contains(ErrorCode.backendTLSFailed.rawValue))
      #expect(await mailbox.waiting.isEmpty)
      #expect(try await sandbox.calls().map(\.api) == ["iam"])
      #expect(await relay.process.terminate() == .code(0))

      // The request was not spent: it is answered as soon as somebody trusts the authority.
      let second = try await RelayProcess.start(
        RelayProcess.settings(
          amqp: url, sandbox: sandbox.url,
          ["BACKEND_ENDPOINT": nginx.tlsURL, "BACKEND_CA_FILE": nginx.places.certificates.authority]))
      let reply = await mailbox.reply(to: request.id)
      #expect(reply.properties.type == MessageType.result)
      #expect(reply.headers.integer("ocr-attempts") == 1)
      #expect(await second.process.terminate() == .code(0))
      await nginx.stop()
    }

    @Test func unknownAuthorityOfTheLoginIsTold() async throws {
      let sandbox = try await Sandbox.start()
      let nginx = try await front(sandbox)
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let relay = try await RelayProcess.launch(RelayProcess.settings(amqp: url, sandbox: nginx.tlsURL))
      #expect(try await relay.log("cannot get a token").contains("TLS"))
      #expect(try await sandbox.calls().isEmpty)
      #expect(await relay.process.terminate() == .code(0))
      await nginx.stop()
    }
  }
}
