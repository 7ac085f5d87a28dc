import TestSupport
import Testing

@testable import RedisStore

@Suite struct ReplyReaderTests {
  @Test(arguments: [
    ("+OK\r\n", RedisReply.status("OK")), ("-ERR no\r\n", .error("ERR no")), (":-7\r\n", .integer(-7)),
    ("$3\r\na\r\n\r\n", .bytes(Array("a\r\n".utf8))), ("$0\r\n\r\n", .bytes([])), ("$-1\r\n", .null),
    ("*-1\r\n", .null), ("*0\r\n", .array([])), ("*2\r\n:1\r\n$1\r\nx\r\n", .array([.integer(1), .bytes([120])])),
    (
      "*3\r\n*2\r\n:1\r\n*0\r\n$-1\r\n*1\r\n-E\r\n",
      .array([.array([.integer(1), .array([])]), .null, .array([.error("E")])])
    ),
  ])
  func repliesAreRead(_ text: String, _ reply: RedisReply) throws {
    let bytes = Array(text.utf8)
    for size in 1...bytes.count {
      let reader = ReplyReader(byteLimit: 100, valueLimit: 10)
      var replies: [RedisReply] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try reader.feed($0) }
        while let next = try reader.next() { replies.append(next) }
      }
      #expect(replies == [reply], "in pieces of \(size) bytes")
    }
  }

  @Test(arguments: [
    "x\r\n", "$-2\r\n", "*-2\r\n", ":x\r\n", "$99999999999999999999\r\n", "*2147483648\r\n", "*2147483647\r\n",
    "*11\r\n", "*6\r\n*10\r\n", "%1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", ">1\r\n",
    String(repeating: "*1\r\n", count: 12),
    "+" + String(repeating: "a", count: 200), "$150\r\n" + String(repeating: "a", count: 120),
  ])
  func whatIsNoReplyOrTooLargeIsRefused(_ text: String) {
    let reader = ReplyReader(byteLimit: 100, valueLimit: 10)
    #expect {
      try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
      while try reader.next() != nil {}
    } throws: {
      ($0 as? RedisFailure)?.kind == .protocolViolation
    }
  }

  @Test func manyRepliesInOneReadAreNotTooLarge() throws {
    let reader = ReplyReader(byteLimit: 100, valueLimit: 10)
    let bytes = Array(String(repeating: "*2\r\n$4\r\nabcd\r\n:1\r\n", count: 1000).utf8)
    try bytes.withUnsafeBytes { try reader.feed($0) }
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count == 1000)
  }

  /// Damaged, cut and random streams: whatever comes is a reply or a typed failure.
  @Test func noBytesTrap() {
    var random = SeededRandom.announced()
    let seeds = [
      "+OK\r\n", "-ERR x\r\n", ":12\r\n", "$5\r\nhello\r\n", "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+x\r\n", "*0\r\n",
    ]
    let alphabet = Array("*$+-:0123456789\r\nxyz%_#>,(=~|!".utf8) + [0, 255]
    var replies = 0
    for _ in 0..<30_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        bytes += seeds.randomElement(using: &random)?.utf8 ?? "".utf8
      }
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch UInt8.random(in: 0..<3, using: &random) {
        case 0: bytes[position] = alphabet.randomElement(using: &random) ?? 0
        case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: position)
        default: if bytes.count > 1 { bytes.remove(at: position) }
        }
      }
      replies += Self.read(bytes, piece: Int.random(in: 1...16, using: &random))
    }
    #expect(replies > 30_000)
  }

  private static func read(_ bytes: [UInt8], piece: Int) -> Int {
    let reader = ReplyReader(byteLimit: 1000, valueLimit: 100)
    var replies = 0
    do {
      for start in stride(from: 0, to: bytes.count, by: piece) {
        try bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { try reader.feed($0) }
        while try reader.next() != nil { replies += 1 }
      }
    } catch {
      #expect((error as? RedisFailure)?.kind == .protocolViolation)
    }
    return replies
  }
}
