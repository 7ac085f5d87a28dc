import Foundation
import HTTPTransport
import TestSupport
import Testing

extension HTTPTransportSuite {
  @Suite struct TLSTests {
    /// A TLS server that must not be talked to.
    struct Impostor: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var problem: HTTPFailure.TLSProblem
      var certificate: @Sendable (Certificates) -> (String, String)
      var settings = ""
      var caFile: @Sendable (Certificates) -> String = { $0.authority }
    }

    static let impostors = [
      Impostor(testDescription: "wrong host", problem: .certificateRejected) {
        ($0.wrongHost.certificate, $0.wrongHost.key)
      },
      Impostor(testDescription: "expired", problem: .certificateRejected) { ($0.expired.certificate, $0.expired.key) },
      Impostor(
        testDescription: "unknown authority", problem: .certificateRejected,
        certificate: { ($0.server.certificate, $0.server.key) }
      ) {
        $0.otherAuthority
      },
      Impostor(
        testDescription: "self-signed", problem: .certificateRejected,
        certificate: {
          ($0.folder + "/self-signed.pem", $0.folder + "/self-signed.key")
        }),
      Impostor(
        testDescription: "TLS 1.1", problem: .handshakeFailed, certificate: { ($0.server.certificate, $0.server.key) },
        settings: "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
    ]

    @Test func aTrustedServerIsUsed() async throws {
      let nginx = try await startNginx { ($0.server.certificate, $0.server.key) }
      let caller = try Caller { $0.caFile = nginx.places.certificates.authority }
      let large = patternedBytes(3 << 20)
      for body in [TestCall.Body.none, .bytes([1, 2]), .bytes(large), .source(large, announced: large.count)] {
        let outcome = try await caller.call(TestCall(url: nginx.tlsURL + "/echo", body: body))
        #expect(outcome.status == 200, "\(String(describing: outcome.failure))")
        #expect(outcome.body.isEmpty || outcome.body == [1, 2] || outcome.body == large)
        #expect(outcome.body.count == outcome.bytesSent)
      }
      #expect(connections(to: UInt16(nginx.places.tlsPort)) == 1)
      await #expect(caller.bytesInUse == 0)
      await caller.close()
      await nginx.stop()
    }

    @Test(arguments: impostors)
    func anImpostorGetsNoByte(impostor: Impostor) async throws {
      let nginx = try await startNginx(settings: impostor.settings, impostor.certificate)
      // The control: the server works for whoever does not check.
      let handshake = ["s_client", "-connect", "127.0.0.1:\(nginx.places.tlsPort)", "-servername", "localhost"]
      let old = impostor.settings.isEmpty ? [] : ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
      #expect(try await ChildProcess.run("openssl", handshake + old).contains("Master-Key: "))

      let caller = try Caller { $0.caFile = impostor.caFile(nginx.places.certificates) }
      let outcome = try await caller.call(TestCall(url: nginx.tlsURL + "/echo", body: .bytes([1])))
      let failure = try #require(outcome.failure)
      #expect(failure.kind == .tlsFailed(impostor.problem), "\(failure)")
      #expect(!failure.requestSent)
      await caller.close()
      await nginx.stop()
      #expect(try String(contentsOfFile: nginx.places.folder + "/access.log", encoding: .utf8) == "")
    }

    @Test func withoutACAFileTheSystemDecides() async throws {
      let nginx = try await startNginx { ($0.server.certificate, $0.server.key) }
      let caller = try Caller()
      let outcome = try await caller.call(TestCall(url: nginx.tlsURL + "/echo"))
      #expect(outcome.failure?.kind == .tlsFailed(.certificateRejected))
      await caller.close()
      await nginx.stop()
    }

    private func startNginx(
      settings: String = "", _ certificate: (Certificates) -> (String, String)
    ) async throws -> NginxServer {
      let folder = try TemporaryDirectory()
      try await ChildProcess.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
          "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder.path("key"), "-out",
          folder.path("certificate"),
        ])
      return try await NginxServer.start { places in
        let files = FileManager.default
        try? files.moveItem(atPath: folder.path("key"), toPath: places.certificates.folder + "/self-signed.key")
        try? files.moveItem(atPath: folder.path("certificate"), toPath: places.certificates.folder + "/self-signed.pem")
        let (file, key) = certificate(places.certificates)
        return """
          client_max_body_size 64m;
          client_body_buffer_size 16m;
          access_log \(places.folder)/access.log;
          server {
            listen 127.0.0.1:\(places.tlsPort) ssl;
            server_name localhost;
            ssl_certificate \(file);
            ssl_certificate_key \(key);
            \(settings)
            location /echo { content_by_lua_block { ngx.req.read_body() ngx.print(ngx.req.get_body_data() or "") } }
          }
          """
      }
    }
  }
}
