import CCurl
import EventLoop
import TestSupport
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct RulesTests {
    @Test(arguments: [
      ("", "v"), ("a b", "v"), ("a:b", "v"), ("a\r\nb", "v"), ("a\0b", "v"), ("näme", "v"), ("a;", "v"),
      ("x", "a\rb"), ("x", "a\nb"), ("x", "a\r\nX-Evil: 1"), ("x", "a\0b"), ("x", "ü"), ("x", " a"), ("x", "a "),
      ("x", "\u{7F}"), ("x", "a\u{1B}b"), ("Content-Length", "1"), ("transfer-encoding", "chunked"), ("HOST", "a"),
      ("Expect", "100-continue"), ("Connection", "close"), ("User-Agent", "x"), ("Proxy-Authorization", "x"),
    ])
    func hostileHeadersAreRefused(name: String, value: String) {
      let error = #expect(throws: HTTPClientError.self) { try HTTPHeaderLine(name: name, value: value) }
      #expect(throws: HTTPClientError.self) { try HTTPHeaders([("ok", "fine"), (name, value)]) }
      #expect(error?.description.contains("Evil") == false)
    }

    @Test(arguments: [
      ("X-Auth-Token", "MIIa+/=._~-"), ("traceparent", "00-ab-cd-01"), ("a", ""), ("a!#$%&'*+-.^_`|~9", "a b\tc \"d\""),
    ])
    func ordinaryHeadersAreTaken(name: String, value: String) throws {
      let line = try HTTPHeaderLine(name: name, value: value)
      #expect(String(decoding: line.bytes, as: UTF8.self) == (value.isEmpty ? "\(name):\r\n" : "\(name): \(value)\r\n"))
      let headers = try HTTPHeaders([(name, value)])
      #expect(value.isEmpty || !"\(line) \(headers)".contains(value))
    }

    /// No mixture of bytes gets a line break, a NUL or a second header into the list.
    @Test func randomHeadersNeverBreakTheLine() throws {
      let seed = UInt64.random(in: 0...UInt64.max)
      var random = SeededRandom(seed: seed)
      let alphabet = Array("ab-: ;\r\n\0\t\u{7F}é".unicodeScalars)
      for _ in 0..<5_000 {
        func text() -> String {
          var text = String.UnicodeScalarView()
          for _ in 0..<Int.random(in: 0...6, using: &random) {
            text.append(alphabet.randomElement(using: &random) ?? "a")
          }
          return String(text)
        }
        let (name, value) = (text(), text())
        guard let line = try? HTTPHeaderLine(name: name, value: value) else { continue }
        #expect(line.bytes == Array((value.isEmpty ? "\(name):\r\n" : "\(name): \(value)\r\n").utf8), "seed \(seed)")
        #expect(!line.bytes.dropLast(2).contains { $0 < 0x20 && $0 != 0x09 }, "seed \(seed)")
      }
    }

    @Test(arguments: [
      "", "example.com", "/path", "ftp://example.com/", "file:///etc/passwd", "https://", "https://user@example.com/",
      "https://user:pw@example.com/", "https://example.com/#part", "https://exa mple.com/",
      "https://example.com/\r\nX: y",
      "https://exa%0d%0ample.com/", "https://exa%20mple.com/", "https://example.com:80:80/", "https://[::1/",
      "https://example.com/\0", "https://münchen.example/", "gopher://example.com/", "https://example.com:99999/",
    ])
    func unusableURLsAreRefused(url: String) {
      #expect(throws: HTTPClientError.self) { try HTTPTarget(url) }
    }

    @Test(arguments: [
      ("https://h", "/", "h"), ("https://h?x=y", "/?x=y", "h"),
      ("https://h/a%20b%0D%0A?c=d%0A", "/a%20b%0D%0A?c=d%0A", "h"),
      ("https://H.example:8443/v2/a?b=c&d", "/v2/a?b=c&d", "H.example:8443"),
      ("http://[::1]:8080/a", "/a", "[::1]:8080"),
      ("https://h/a/./b/../c", "/a/c", "h"), ("https://h//a//", "//a//", "h"),
    ])
    func aTargetIsAskedForInOriginForm(url: String, path: String, host: String) throws {
      let line = String(decoding: try HTTPTarget(url).requestLine, as: UTF8.self)
      #expect(line == " \(path) HTTP/1.1\r\nHost: \(host)\r\n")
    }

    @Test func theQueryIsNotPrinted() throws {
      let target = try HTTPTarget("https://ocr.example.com:8443/v2/a?token=secret")
      #expect(target.description == "https://ocr.example.com:8443/v2/a")
      #expect(target.host == "ocr.example.com")
      #expect(target.isSecure)
      #expect(try HTTPTarget("http://h").isSecure == false)
    }

    @Test(arguments: [
      (CURLE_COULDNT_RESOLVE_HOST, HTTPFailure.Kind.resolveFailed), (CURLE_COULDNT_CONNECT, .connectFailed),
      (CURLE_OPERATION_TIMEDOUT, .connectTimedOut), (CURLE_PEER_FAILED_VERIFICATION, .tlsFailed(.certificateRejected)),
      (CURLE_SSL_CONNECT_ERROR, .tlsFailed(.handshakeFailed)), (CURLE_SSL_CACERT_BADFILE, .tlsFailed(.localSetup)),
      (CURLE_RECV_ERROR, .connectFailed), (CURLE_WEIRD_SERVER_REPLY, .connectFailed),
      (CURLE_UNSUPPORTED_PROTOCOL, .invalidRequest), (CURLE_OUT_OF_MEMORY, .resourceExhausted),
      (CURLE_LDAP_CANNOT_BIND, .other),
    ])
    func codesHaveAKind(code: CURLcode, kind: HTTPFailure.Kind) {
      #expect(HTTPFailure.Kind(code) == kind)
    }

    struct BadSetting: Sendable {
      var name: String
      var change: @Sendable (inout HTTPClientConfiguration) -> Void
    }

    static let badSettings = [
      BadSetting(name: "totalTimeout") { $0.totalTimeout = .zero },
      BadSetting(name: "connectTimeout") { $0.connectTimeout = .seconds(-1) },
      BadSetting(name: "lowSpeed") { $0.lowSpeedDuration = .seconds(-1) },
      BadSetting(name: "lowSpeed") { $0.lowSpeedDuration = .seconds(86_401) },
      BadSetting(name: "lowSpeed") { $0.lowSpeedBytesPerSecond = -1 },
      BadSetting(name: "lowSpeed") { $0.lowSpeedBytesPerSecond = .max },
      BadSetting(name: "responseBodyLimit") { $0.responseBodyLimit = 0 },
      BadSetting(name: "responseHeaderLimit") { $0.responseHeaderLimit = 1000 },
      BadSetting(name: "maximumConnections") { $0.maximumConnections = 0 },
      BadSetting(name: "caFile") { $0.caFile = "/no/such/file" },
      BadSetting(name: "userAgent") { $0.userAgent = "a\r\nb" },
      BadSetting(name: "proxy") { $0.proxy = "" },
    ]

    @Test(arguments: badSettings)
    func impossibleSettingsAreRefused(setting: BadSetting) {
      var settings = HTTPClientConfiguration()
      setting.change(&settings)
      let error = #expect(throws: HTTPClientError.self) { try settings.check() }
      #expect(error?.description.contains(setting.name) == true)
      #expect(throws: Never.self) { try HTTPClientConfiguration().check() }
    }

    @Test func responseHeadersAreFoundWhateverTheirCase() {
      let headers = self.headers("HTTP/1.1 200 OK\r\nRetry-After:  12 \r\nX-A:\r\nretry-after: 13\r\nBad\r\n\r\n")
      #expect(headers["RETRY-AFTER"] == "12")
      #expect(headers["x-a"] == "")
      #expect(headers["x"] == nil && headers["Bad"] == nil && headers[""] == nil && headers["HTTP/1.1 200 OK"] == nil)
      #expect(HTTPResponseHeaders(head: nil)["a"] == nil)
    }

    @Test func randomResponseHeadersAreLookedUpSafely() {
      let seed = UInt64.random(in: 0...UInt64.max)
      var random = SeededRandom(seed: seed)
      let alphabet = Array("aA:\r\n \t".utf8) + [0, 0xFF]
      for _ in 0..<20_000 {
        let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0
        }
        let value = headers(bytes)["aa"]
        #expect(value?.contains { $0.isNewline } != true, "seed \(seed)")
      }
    }

    private func headers(_ text: String) -> HTTPResponseHeaders { headers(Array(text.utf8)) }

    private func headers(_ bytes: [UInt8]) -> HTTPResponseHeaders {
      let buffer = BufferPool().take(capacity: bytes.count)
      bytes.withUnsafeBytes { buffer.append($0) }
      return HTTPResponseHeaders(head: buffer)
    }
  }
}
