import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct ResponseHeadTests {
    /// A head and what it says about its answer.
    struct Meaning: Sendable {
      var head: String
      var framing: ResponseHead.Framing
      var status = 200
      var keepsAlive = true

      init(_ head: String, _ framing: ResponseHead.Framing, status: Int = 200, keepsAlive: Bool = true) {
        (self.head, self.framing, self.status, self.keepsAlive) = (head, framing, status, keepsAlive)
      }
    }

    static let statusLines = [
      Meaning("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\nContent-Length: 3\n\n", .length(3)),
      Meaning("HTTP/1.1 200 Fine: \u{E9}\tand well\r\nContent-Length: 0\r\n\r\n", .length(0)),
      Meaning("HTTP/1.9 200 OK\r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 494 Request header too large\r\nContent-Length: 3\r\n\r\n", .length(3), status: 494),
      Meaning("HTTP/1.1 999 Odd\r\nContent-Length: 3\r\n\r\n", .length(3), status: 999),
      Meaning("HTTP/1.1 100 Continue\r\n\r\n", .noBody, status: 100),
      Meaning("HTTP/1.1 103 Hints\r\nLink: <a>\r\nContent-Length: 9\r\n\r\n", .noBody, status: 103, keepsAlive: false),
    ]

    static let endings = [
      Meaning("HTTP/1.1 200 OK\r\n\r\n", .untilClose, keepsAlive: false),
      Meaning("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", .untilClose, keepsAlive: false),
      Meaning("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", .length(3), keepsAlive: false),
      Meaning(
        "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n", .length(3), keepsAlive: false),
      Meaning("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .chunked, keepsAlive: false),
      Meaning("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n", .length(3), keepsAlive: false),
      Meaning("HTTP/1.1 200 OK\r\nConnection: CLOSE\r\nContent-Length: 3\r\n\r\n", .length(3), keepsAlive: false),
      Meaning(
        "HTTP/1.1 200 OK\r\nConnection: Upgrade,\t close ,x\r\nContent-Length: 3\r\n\r\n", .length(3), keepsAlive: false
      ),
      Meaning(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n", .length(3),
        keepsAlive: false),
      Meaning("HTTP/1.1 200 OK\r\nConnection: disclose, closed\r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nConnection:\r\nContent-Length: 3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nConnection: ,,\r\nContent-Length: 3\r\n\r\n", .length(3)),
    ]

    static let lengths = [
      Meaning("HTTP/1.1 200 OK\r\ncontent-length:3\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nCONTENT-LENGTH: \t 3 \t\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nContent-Length: 0000000000000000000000000000003\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 03\r\n\r\n", .length(3)),
      Meaning("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", .length(.max)),
      Meaning("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n", .length(.max)),
      Meaning("HTTP/1.1 200 OK\r\nX-Content-Length: 3\r\nContent-Lengths: 4\r\n\r\n", .untilClose, keepsAlive: false),
      Meaning("HTTP/1.1 204 No Content\r\n\r\n", .noBody, status: 204),
      Meaning("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", .noBody, status: 204),
      Meaning("HTTP/1.1 304 Not Modified\r\n\r\n", .noBody, status: 304),
    ]

    static let encodings = [
      Meaning("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .chunked),
      Meaning("HTTP/1.1 200 OK\r\ntransfer-encoding:\tChUnKeD \r\n\r\n", .chunked),
      // Two lengths: the encoding counts, but what follows the answer may be part of it for somebody else.
      Meaning(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", .chunked, keepsAlive: false),
      Meaning(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", .chunked, keepsAlive: false),
      // A body although there is none by definition: whatever follows would be taken for the next answer.
      Meaning("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .noBody, status: 204, keepsAlive: false),
      Meaning("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", .noBody, status: 304, keepsAlive: false),
      Meaning("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", .noBody, status: 204, keepsAlive: false),
    ]

    /// As nginx, APIG, Envoy and HAProxy write them.
    static let realHeads = [
      Meaning(
        "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 16:00:00 GMT\r\n"
          + "Content-Type: application/json\r\nContent-Length: 12\r\nConnection: keep-alive\r\n"
          + "X-Request-Id: 6a7b\r\nStrict-Transport-Security: max-age=31536000;\r\n\r\n", .length(12)),
      Meaning(
        "HTTP/1.1 200 OK\r\nserver: istio-envoy\r\ncontent-type: application/json; charset=utf-8\r\n"
          + "x-envoy-upstream-service-time: 4\r\ntransfer-encoding: chunked\r\n\r\n", .chunked),
      Meaning(
        "HTTP/1.1 429 Too Many Requests\r\nServer: api-gateway\r\nX-Apig-RateLimit-api: remain:0,limit:10,time:1 s\r\n"
          + "Via: proxy A\r\nContent-Length: 7\r\nConnection: close\r\n\r\n", .length(7), status: 429, keepsAlive: false
      ),
      Meaning(
        "HTTP/1.0 503 Service Unavailable\r\ncache-control: no-cache\r\nconnection: close\r\n"
          + "content-type: text/html\r\n\r\n", .untilClose, status: 503, keepsAlive: false),
    ]

    @Test(arguments: [statusLines, endings, lengths, encodings, realHeads].joined())
    func aHeadIsUnderstood(meaning: Meaning) throws {
      let head = try read(meaning.head)
      #expect(head.status == meaning.status)
      #expect(head.framing == meaning.framing)
      #expect(head.keepsAlive == meaning.keepsAlive)
    }

    @Test(arguments: [
      ("HTTP/1.1 2x0 OK", "three digits"), ("HTTP/1.1 20 OK", "three digits"), ("HTTP/1.1 2000 OK", "three digits"),
      ("HTTP/1.1 1000", "three digits"), ("HTTP/1.1 200OK", "three digits"), ("HTTP/1.1 200\tOK", "three digits"),
      ("HTTP/1.1 -20 OK", "three digits"), ("HTTP/1.1 099 X", "status"), ("HTTP/1.1 000 X", "status"),
      ("HTTP/1.1 101 Switching Protocols", "status"), ("HTTP/1.1  200 OK", "three digits"),
      ("HTTP/1.1\t200 OK", "status line"), ("HTTP/1.x 200 OK", "status line"), ("HTTP/1.11 200 OK", "status line"),
      ("HTTP/2.0 200 OK", "status line"), ("HTTP/2 200 OK please", "status line"), ("http/1.1 200 OK", "status line"),
      ("ICY 200 OK then", "status line"), (" HTTP/1.1 200 OK", "status line"), ("HTTP/1.1", "status line"),
      ("HTTP/1.1 200 O\0K", "NUL"), ("", "status line"),
    ])
    func anOddStatusLineIsRefused(line: String, problem: String) {
      expectRefusal("\(line)\r\nContent-Length: 3\r\n\r\n", problem)
    }

    @Test(arguments: [
      // Lengths.
      ("Content-Length:", "not a number"), ("Content-Length: +3", "not a number"),
      ("Content-Length: -3", "not a number"), ("Content-Length: 0x3", "not a number"),
      ("Content-Length: 3;", "not a number"), ("Content-Length: 3 3", "not a number"),
      ("Content-Length: 3, 3", "not a number"), ("Content-Length: 3.0", "not a number"),
      ("Content-Length: 3\r", "not a number"), ("Content-Length: \u{0B}3", "not a number"),
      ("Content-Length: 3\r\nContent-Length: 4", "two different"),
      ("Content-Length: 99999999999999999999\r\nContent-Length: 4", "two different"),
      ("Content-Length : 3", "name"), ("Content-Length\t: 3", "name"), ("Content-Length: 3\0", "NUL"),
      // Encodings.
      ("Transfer-Encoding: identity", "transfer encoding"), ("Transfer-Encoding: gzip, chunked", "transfer encoding"),
      ("Transfer-Encoding: chunked, identity", "transfer encoding"), ("Transfer-Encoding:", "transfer encoding"),
      ("Transfer-Encoding: xchunked", "transfer encoding"), ("Transfer-Encoding: chunked;q=1", "transfer encoding"),
      ("Transfer-Encoding: \"chunked\"", "transfer encoding"), ("Transfer-Encoding: chunked\r", "transfer encoding"),
      ("Transfer-Encoding: \u{0B}chunked", "transfer encoding"),
      ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "transfer encoding"),
      ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "transfer encoding"),
      ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "transfer encoding"),
      ("Transfer-Encoding: gzip\r\nContent-Length: 3", "transfer encoding"), ("Transfer-Encoding : chunked", "name"),
      // Lines.
      (" X: folded", "folded"), ("\tX: folded", "folded"), ("X: a\r\n Transfer-Encoding: chunked", "folded"),
      ("X", "colon"), ("\r", "colon"), (": empty", "name"), ("X: a\0b", "NUL"), ("X\0: b", "NUL"),
    ])
    func anOddHeaderLineIsRefused(line: String, problem: String) {
      expectRefusal("HTTP/1.1 200 OK\r\nServer: a\r\n\(line)\r\nX-Last: b\r\n\r\n", problem)
    }

    @Test(arguments: ["", "H", "HTTP", "HTTP/1.", "HTTP/1.1 200"])
    func aBeginningMayBeCutAnywhere(text: String) {
      #expect(Array(text.utf8).withUnsafeBytes { ResponseHead.canBegin(with: $0) })
    }

    @Test(arguments: ["h", "\r\nHTTP/1.1", "HTTX", "HTTP/2", "SSH-2.0"])
    func anotherProtocolIsSeenAtOnce(text: String) {
      #expect(!Array(text.utf8).withUnsafeBytes { ResponseHead.canBegin(with: $0) })
    }

    private func read(_ head: String) throws(ResponseFault) -> ResponseHead {
      let bytes = Array(head.utf8)
      // The closure of `withUnsafeBytes` throws any error: the result carries the typed one.
      let result: Result<ResponseHead, ResponseFault> = bytes.withUnsafeBytes { pointer in
        do throws(ResponseFault) { return .success(try ResponseHead(pointer)) } catch { return .failure(error) }
      }
      return try result.get()
    }

    private func expectRefusal(_ head: String, _ problem: String) {
      let fault = #expect(throws: ResponseFault.self) { try read(head) }
      #expect(fault?.kind == .malformedResponse)
      #expect(fault?.detail.contains(problem) == true, "\(String(describing: fault))")
    }
  }
}
