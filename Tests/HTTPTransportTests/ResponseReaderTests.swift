import EventLoop
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct ResponseReaderTests {
    /// An answer and what must become of it.
    struct Answer: Sendable {
      var text: String
      /// Behind the answer, although nothing was asked.
      var surplus = ""
      var status = 200
      var body = ""
      var keepsAlive = true
      /// Whether only the end of the connection ends it.
      var endsAtClose = false
    }

    static let answers = [
      Answer(text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", body: "hello"),
      Answer(text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", surplus: "HTTP/1.1 200 OK", body: "hello"),
      Answer(text: "HTTP/1.1 200\nContent-Length: 5\n\nh\r\n\r\n", surplus: "\r\n", body: "h\r\n\r\n"),
      Answer(text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", surplus: "x"),
      Answer(text: "HTTP/1.1 204 No\r\nServer: a\r\n\r\n", surplus: "\n", status: 204),
      Answer(text: "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", surplus: "x", status: 304, keepsAlive: false),
      Answer(
        text: "HTTP/1.1 200 OK\r\n\r\nall\r\n\r\nof it", body: "all\r\n\r\nof it", keepsAlive: false, endsAtClose: true),
      Answer(text: "HTTP/1.0 200 OK\n\n", keepsAlive: false, endsAtClose: true),
      Answer(text: "HTTP/1.0 502 X\r\nContent-Length: 2\r\n\r\nno", status: 502, body: "no", keepsAlive: false),
      Answer(text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", surplus: "\r\n"),
      Answer(
        text:
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0000a;x=\"y\"\r\n\r\n23456\r\n0\r\n0\r\n\r\n",
        surplus: "HTTP", body: "abc\r\n23456\r\n0"),
      Answer(
        text: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3  \nabc\n1\n\n\n0\nContent-Length: 7\nX: y\n\n",
        surplus: "Z",
        body: "abc\n"),
      Answer(
        text:
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 1\r\n\r\n!",
        surplus: "!", status: 201, body: "!"),
      Answer(
        text:
          "HTTP/1.1 102 P\nContent-Length: 4\n\nHTTP/1.1 100 C\n\nHTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n\n",
        body: "a"),
    ]

    @Test(arguments: answers)
    func anAnswerIsReadHoweverItIsCut(answer: Answer) {
      let bytes = Array((answer.text + answer.surplus).utf8)
      let whole = Reading(bytes, closes: answer.endsAtClose)
      #expect(whole.end == (answer.endsAtClose ? .completeAtClose : .complete))
      #expect(whole.status == answer.status && whole.keepsAlive == answer.keepsAlive)
      #expect(String(decoding: whole.body, as: UTF8.self) == answer.body)
      #expect(whole.taken == answer.text.utf8.count)
      #expect(String(decoding: whole.head, as: UTF8.self).hasPrefix("HTTP/1."))
      for cut in 1..<bytes.count {
        #expect(Reading(bytes, cuts: [cut], closes: answer.endsAtClose) == whole, "at \(cut)")
      }
      #expect(Reading(bytes, cuts: Array(1..<bytes.count), closes: answer.endsAtClose) == whole)
    }

    @Test(arguments: answers)
    func aConnectionThatEndsTooEarlyIsNoAnswer(answer: Answer) {
      let bytes = Array(answer.text.utf8)
      let shortest = answer.endsAtClose ? answer.text.utf8.count - answer.body.utf8.count : bytes.count
      for length in 0..<shortest {
        #expect(Reading(Array(bytes[..<length])).end == .unfinished, "after \(length) bytes")
        #expect(Reading(Array(bytes[..<length]), closes: true).end == .refused(.truncated), "after \(length) bytes")
      }
    }

    @Test func theLastHeadCounts() {
      let text = "HTTP/1.1 103 Hints\r\nX-Request-Id: early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
      #expect(String(decoding: Reading(Array(text.utf8)).head, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test(arguments: [
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "SSH-2.0-x\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "\n",
      "H\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "HTTP/1.1 100 C\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n X: folded\r\n\r\na", "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n",
    ])
    func aMalformedAnswerIsRefusedHoweverItIsCut(text: String) {
      let bytes = Array(text.utf8)
      let whole = Reading(bytes)
      guard case .refused(let fault) = whole.end else { return #expect(Bool(false), "\(whole.end)") }
      #expect(fault.kind == .malformedResponse)
      for cut in 1..<max(bytes.count, 2) { #expect(Reading(bytes, cuts: [cut]).end == whole.end, "at \(cut)") }
      #expect(Reading(bytes, cuts: Array(1..<max(bytes.count, 2))).end == whole.end)
    }

    static let interim = "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"
    static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(arguments: [
      // An answer, and how many of its bytes are headers.
      ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 38), (interim + interim + chunkedHead + "0\r\n\r\n", 111),
      (chunkedHead + "1;long=extension\r\na\r\n0\r\nTrailer: x\r\n\r\n", 61),
    ])
    func theLimitOfHeadersIsExact(text: String, headers: Int) {
      let bytes = Array(text.utf8)
      for cuts in [[], Array(1..<bytes.count)] {
        #expect(Reading(bytes, cuts: cuts, headerLimit: headers).end == .complete)
        #expect(Reading(bytes, cuts: cuts, headerLimit: headers - 1).end == .refused(.headersTooLarge))
        #expect(Reading(bytes, cuts: cuts, headerLimit: 20).head.count <= 20)
      }
    }

    @Test(arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", Reading.End.complete),
      (chunkedHead + "5\r\nabcde\r\n0\r\n\r\n", .complete),
      (chunkedHead + "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", .complete),
      ("HTTP/1.1 200 OK\r\n\r\nabcde", .completeAtClose),
    ])
    func theLimitOfBodiesIsExact(text: String, end: Reading.End) {
      let bytes = Array(text.utf8)
      for cuts in [[], Array(1..<bytes.count)] {
        let exact = Reading(bytes, cuts: cuts, closes: true, bodyLimit: 5)
        #expect(exact.end == end)
        #expect(exact.body == Array("abcde".utf8))
        let tooLarge = Reading(bytes, cuts: cuts, closes: true, bodyLimit: 4)
        #expect(tooLarge.end == .refused(.bodyTooLarge))
        #expect(tooLarge.body.count <= 4)
      }
    }

    @Test(arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      chunkedHead + "6\n", chunkedHead + "2\r\nab\r\n4\r\n", chunkedHead + "fffffffffffffff\r\n",
    ])
    func anAnnouncementAloneIsTooMuch(text: String) {
      #expect(Reading(Array(text.utf8), bodyLimit: 5).end == .refused(.bodyTooLarge))
    }

    @Test func memoryGrowsWithWhatArrives() throws {
      let pool = BufferPool()
      var reader = ResponseReader(pool: pool, headerLimit: 1024, bodyLimit: 1 << 30)
      let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".utf8)
      let taken = try head.withUnsafeBytes { try reader.take($0) }
      #expect(taken == head.count)
      #expect(pool.bytesInUse <= 1 << 20)
    }
  }
}
