import HTTPTransport
import TestSupport
import Testing

extension HTTPTransportSuite {
  /// Anybody on the way can end a TCP connection; only the server can end a TLS one.
  @Suite(.timeLimit(.minutes(2))) struct TLSEndTests {
    /// Answers with what the path says, then ends TLS (`/end/`) or just the TCP connection (`/cut/`).
    private static let server = """
      import socket, ssl, sys
      version = ssl.TLSVersion[sys.argv[3]]
      context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      context.minimum_version = context.maximum_version = version
      context.load_cert_chain(sys.argv[1], sys.argv[2])
      answers = {
        "open": b"HTTP/1.1 200 OK\\r\\n\\r\\nall of it",
        "head": b"HTTP/1.1 200 OK\\r\\nServer: a\\r\\n",
        "short": b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nall of it",
        "whole": b"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nall of it",
        "chunk": b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n9\\r\\nall of it\\r\\n",
      }
      listener = socket.create_server(("127.0.0.1", 0))
      print("port", listener.getsockname()[1], flush=True)
      while True:
        connection = context.wrap_socket(listener.accept()[0], server_side=True)
        request = b""
        while b"\\r\\n\\r\\n" not in request:
          request += connection.recv(65536)
        _, end, answer = request.split()[1].decode().split("/")
        connection.sendall(answers[answer])
        try:
          if end == "end":
            connection.unwrap()
        except OSError:
          pass
        connection.close()
      """

    @Test(arguments: ["TLSv1_2", "TLSv1_3"])
    func anAnswerWithoutLengthEndsWithTLS(version: String) async throws {
      let folder = try TemporaryDirectory()
      let certificates = try await Certificates.make(in: folder.path("tls"))
      let server = try await ChildProcess.start(
        "/usr/bin/python3", ["-c", Self.server, certificates.server.certificate, certificates.server.key, version])
      let line = try await server.waitForLine(containing: "port ")
      let port = try #require(UInt16(line.dropFirst("port ".count)))
      let caller = try Caller { $0.caFile = certificates.authority }
      for (path, isComplete) in [
        ("end/open", true), ("cut/open", false), ("end/head", false), ("cut/head", false), ("end/short", false),
        ("cut/short", false), ("end/whole", true), ("cut/whole", true), ("end/chunk", false), ("cut/chunk", false),
      ] {
        for _ in 0..<3 {
          let call = TestCall(url: "https://127.0.0.1:\(port)/\(path)", body: .bytes([1]))
          let outcome = try await caller.call(call)
          try await noConnectionIsLeft(to: port)
          #expect(outcome.status == (isComplete ? 200 : nil), "\(path)")
          #expect(outcome.failure?.kind == (isComplete ? nil : .connectionLost), "\(path)")
          #expect(String(decoding: outcome.body, as: UTF8.self) == (isComplete ? "all of it" : ""), "\(path)")
        }
      }
      await caller.close()
      await server.kill()
    }
  }
}
