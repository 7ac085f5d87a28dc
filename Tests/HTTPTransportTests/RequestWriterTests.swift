import EventLoop
import TestSupport
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct RequestWriterTests {
    private static let userAgent = Array("User-Agent: a/1\r\n".utf8)

    @Test func aPostIsWrittenAsItIs() throws {
      let pool = BufferPool()
      let request = HTTPRequest(
        target: try HTTPTarget("https://ocr.example.com:8443/v2/a?b=c"),
        headers: try HTTPHeaders([("Content-Type", "application/json"), ("X-Auth-Token", "secret")]),
        extraHeaders: [
          try HTTPHeaderLine(name: "traceparent", value: "00-1"), try HTTPHeaderLine(name: "e", value: ""),
        ],
        body: .bytes(Array("{}".utf8)))
      let text = """
        POST /v2/a?b=c HTTP/1.1\r
        Host: ocr.example.com:8443\r
        User-Agent: a/1\r
        Accept: */*\r
        Content-Type: application/json\r
        X-Auth-Token: secret\r
        traceparent: 00-1\r
        e:\r
        Content-Length: 2\r
        \r
        {}
        """
      #expect(try written(request, pool) == Array(text.utf8))
    }

    @Test func aGetHasNoBody() throws {
      let pool = BufferPool()
      let request = HTTPRequest(
        target: try HTTPTarget("http://h"), method: .get, headers: try HTTPHeaders([("accept", "text/plain")]),
        body: .bytes([1, 2, 3]))
      let text = "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: a/1\r\naccept: text/plain\r\n\r\n"
      #expect(try written(request, pool) == Array(text.utf8))
    }

    /// The sizes lie around those at which a body goes with the head, and at which it is cut.
    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 262_143, 262_144, 262_145, 600_000])
    func everyKindOfBodyIsWrittenWhateverIsTaken(size: Int) throws {
      var random = SeededRandom.announced()
      let bytes = patternedBytes(size)
      let pool = BufferPool()
      let buffer = pool.take(capacity: size)
      bytes.withUnsafeBytes { buffer.append($0) }
      let source = OddSource(bytes)
      let head = "POST /p HTTP/1.1\r\nHost: h\r\nUser-Agent: a/1\r\nAccept: */*\r\nContent-Length: \(size)\r\n\r\n"
      let bodies: [HTTPBody] = [.bytes(bytes), .buffer(buffer), .source(source), .source(source)]
      for body in bodies + (size == 0 ? [.none] : []) {
        let request = HTTPRequest(target: try HTTPTarget("http://h/p"), headers: try HTTPHeaders(), body: body)
        for largest in [1 << 20, 40_000] {
          let sent = try written(request, pool, largest: largest, using: &random)
          #expect(sent == Array(head.utf8) + bytes)
        }
      }
    }

    @Test func aSmallBodyGoesWithTheHead() throws {
      for (size, isTogether) in [(16_384, true), (16_385, false)] {
        let pool = BufferPool()
        for body in [HTTPBody.bytes(patternedBytes(size)), .source(OddSource(patternedBytes(size)))] {
          let request = HTTPRequest(target: try HTTPTarget("http://h/p"), headers: try HTTPHeaders(), body: body)
          var writer = try makeWriter(request, pool)
          let piece = try #require(try writer.nextPiece())
          #expect((piece.count > size) == isTogether)
          writer.took(piece.count)
          #expect(writer.isComplete == isTogether)
        }
      }
    }

    /// A plain connection is offered all there is, a TLS connection no more than tells its progress often enough; what
    /// is produced is in memory by the MiB.
    @Test(arguments: [
      ("http://h", false, 3_000_000), ("https://h", false, 262_144), ("http://h", true, 1_048_576),
      ("https://h", true, 262_144),
    ])
    func aPieceIsAsLargeAsTheConnectionLikes(address: String, isProduced: Bool, expected: Int) throws {
      let bytes = patternedBytes(3_000_000)
      let pool = BufferPool()
      let request = HTTPRequest(
        target: try HTTPTarget(address), headers: try HTTPHeaders(),
        body: isProduced ? .source(OddSource(bytes, fillsRoom: true)) : .bytes(bytes))
      var writer = try makeWriter(request, pool)
      writer.took(try #require(try writer.nextPiece()).count)
      #expect(try writer.nextPiece()?.count == expected)
    }

    /// A service may think for seconds about what it was sent.
    @Test func theMemoryForABodyGoesBackWithItsLastByte() throws {
      let pool = BufferPool()
      for body in [
        HTTPBody.bytes(patternedBytes(300_000)), .source(OddSource(patternedBytes(300_000), fillsRoom: true)),
      ] {
        let request = HTTPRequest(target: try HTTPTarget("http://h"), headers: try HTTPHeaders(), body: body)
        var writer = try makeWriter(request, pool)
        #expect(pool.bytesInUse > 300_000)
        while let piece = try writer.nextPiece() { writer.took(piece.count) }
        #expect(pool.bytesInUse == writer.head.capacity)
      }
    }

    /// Only bytes of a body make a call with a body one that may have been executed.
    @Test func whatWasSentIsKnown() throws {
      let pool = BufferPool()
      for (size, method) in [(0, HTTPMethod.get), (0, .post), (3, .post), (300_000, .post)] {
        let body = HTTPBody.bytes(patternedBytes(size))
        let request = HTTPRequest(
          target: try HTTPTarget("http://h/p"), method: method, headers: try HTTPHeaders(), body: body)
        var writer = try makeWriter(request, pool)
        let headLength = try written(request, pool).count - size
        #expect(!writer.mayHaveBeenExecuted)
        writer.took(1)
        #expect(writer.mayHaveBeenExecuted == (size == 0))
        writer.took(headLength - 1)
        #expect(writer.mayHaveBeenExecuted == (size == 0) && writer.bodyBytesSent == 0)
        #expect(writer.isComplete == (size == 0))
        guard size > 0 else { continue }
        writer.took(1)
        #expect(writer.mayHaveBeenExecuted && writer.bodyBytesSent == 1 && !writer.isComplete)
      }
    }

    @Test(arguments: [(0, 1), (9, 10), (16_383, 16_384), (0, 20_000), (20_000, 20_001), (262_144, 262_145)])
    func aSourceThatEndsEarlyIsSeen(length: Int, announced: Int) throws {
      let source = OddSource(patternedBytes(length), announced: announced)
      let request = HTTPRequest(target: try HTTPTarget("http://h"), headers: try HTTPHeaders(), body: .source(source))
      let pool = BufferPool()
      #expect(throws: BodySourceEnded.self) { try written(request, pool) }
      #expect(pool.bytesInUse == 0)
    }

    @Test(arguments: [Int.min, -1, 0])
    func aSourceWithoutBytesIsNotAsked(announced: Int) throws {
      let source = OddSource([1, 2], announced: announced)
      let request = HTTPRequest(target: try HTTPTarget("http://h"), headers: try HTTPHeaders(), body: .source(source))
      #expect(
        String(decoding: try written(request, BufferPool()), as: UTF8.self).hasSuffix("Content-Length: 0\r\n\r\n"))
      #expect(source.reads == 0)
    }

    // MARK: Writing

    private func makeWriter(_ request: HTTPRequest, _ pool: BufferPool) throws -> RequestWriter {
      try RequestWriter(request, userAgent: Self.userAgent, head: pool.take(capacity: 16), pool: pool)
    }

    private func written(_ request: HTTPRequest, _ pool: BufferPool) throws -> [UInt8] {
      var random = SeededRandom(seed: 1)
      return try written(request, pool, largest: .max, using: &random)
    }

    /// Takes everything in pieces of random sizes, sometimes none.
    private func written(
      _ request: HTTPRequest, _ pool: BufferPool, largest: Int, using random: inout SeededRandom
    ) throws -> [UInt8] {
      var writer = try makeWriter(request, pool)
      var sent: [UInt8] = []
      while let piece = try writer.nextPiece() {
        #expect(!piece.isEmpty && !writer.isComplete)
        // What was not taken is offered again, at the same address.
        let again = try writer.nextPiece()
        #expect(again?.baseAddress == piece.baseAddress && again?.count == piece.count)
        let count = largest == .max ? piece.count : Int.random(in: 0...min(piece.count, largest), using: &random)
        sent += piece[..<count]
        writer.took(count)
        #expect(writer.sent == sent.count)
      }
      #expect(writer.isComplete)
      return sent
    }
  }
}

/// Produces an array in pieces of odd sizes.
private final class OddSource: HTTPBodySource {
  let length: Int
  private(set) var reads = 0
  private let bytes: [UInt8]
  private let fillsRoom: Bool
  private var offset = 0

  init(_ bytes: [UInt8], announced: Int? = nil, fillsRoom: Bool = false) {
    self.bytes = bytes
    self.fillsRoom = fillsRoom
    length = announced ?? bytes.count
  }

  func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    reads += 1
    let odd = fillsRoom ? room.count : 1 + reads % 7 * 9_973
    let count = min(room.count, bytes.count - offset, odd)
    room.copyBytes(from: bytes[offset..<offset + count])
    offset += count
    return count
  }

  func rewind() { offset = 0 }
}
