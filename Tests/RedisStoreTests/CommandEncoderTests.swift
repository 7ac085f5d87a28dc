import EventLoop
import Testing

@testable import RedisStore

@Suite struct CommandEncoderTests {
  @Test func commandsAreArraysOfBulkStrings() throws {
    let output = BufferPool().take(capacity: 16)
    var encoder = CommandEncoder()
    try encoder.append(["SET", .text("é"), .bytes([0, 13, 10]), .integer(-5), ""], to: output, limit: 100)
    try encoder.append(["PING"], to: output, limit: 100)
    let expected = "*5\r\n$3\r\nSET\r\n$2\r\né\r\n$3\r\n\0\r\n\r\n$2\r\n-5\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n"
    #expect(String(decoding: output.bytes, as: UTF8.self) == expected)
  }

  @Test func aCommandBeyondTheLimitIsRefused() {
    let output = BufferPool().take(capacity: 16)
    var encoder = CommandEncoder()
    #expect {
      try encoder.append(["SET", "k", .bytes(Array(repeating: 1, count: 1000))], to: output, limit: 100)
    } throws: {
      ($0 as? RedisFailure)?.kind == .tooLarge
    }
    #expect(output.count == 0)
  }

  @Test func timesToLiveAreWholeMilliseconds() {
    #expect(RedisArgument.milliseconds(.seconds(1) + .microseconds(1500)) == .integer(1001))
    #expect(RedisArgument.milliseconds(.seconds(Int64.max)) == .integer(.max))
  }
}
