import EventLoop
import Glibc
import HTTPTransport
import Testing

extension HTTPTransportSuite {
  /// Each test changes the environment, hence runs in a process of its own.
  @Suite struct EnvironmentTests {
    @Test func proxiesOfTheEnvironmentAreIgnored() async {
      await #expect(processExitsWith: .success) {
        let server = ScriptedServer { connection in
          while connection.readRequest() != nil { connection.answer() }
        }
        let proxy = ScriptedServer { $0.waitForPeer() }
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
          setenv(name, proxy.url(), 1)
        }
        let caller = try Caller()
        #expect(try await caller.call(TestCall(url: server.url())).status == 200)
        await caller.close()
        server.stop()
        proxy.stop()
        #expect(proxy.connections == 0)
        #expect(server.requests.count == 1)
      }
    }

    @Test func aProxyOfTheConfigurationIsUsedAndSeesNoToken() async {
      await #expect(processExitsWith: .success) {
        let proxy = ScriptedServer { connection in
          _ = connection.readRequest()
          connection.answer(403)
        }
        setenv("no_proxy", "*", 1)
        let url = proxy.url()
        let caller = try Caller { $0.proxy = url }
        let outcome = try await caller.call(TestCall(url: "https://ocr.example.com/", body: .bytes([1])))
        #expect(outcome.failure?.requestSent == false)
        await caller.close()
        proxy.stop()
        let head = try #require(proxy.requests.first).head
        #expect(head.hasPrefix("CONNECT ocr.example.com:443 HTTP/1.1\r\n"))
        #expect(!head.contains("secret"))
      }
    }

    @Test func aKeyLogFileIsRefused() async {
      await #expect(processExitsWith: .success) {
        setenv("SSLKEYLOGFILE", "/tmp/keys-\(getpid())", 1)
        let caller = try Caller()
        await #expect(throws: HTTPClientError.keyLogFileIsSet) {
          _ = try await caller.call(TestCall(url: "http://127.0.0.1:1/"))
        }
        await caller.close()
      }
    }

    @Test func aBrokenPipeDoesNotEndTheProcess() async {
      await #expect(processExitsWith: .success) {
        ignoreBrokenPipeSignal()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        #expect(write(ends[1], "x", 1) == -1 && errno == EPIPE)
      }
    }
  }
}
