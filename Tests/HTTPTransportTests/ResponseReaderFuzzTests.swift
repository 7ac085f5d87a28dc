import TestSupport
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  /// Bytes from outside never trap the reader, never make it keep more than its limits, and mean the same whatever the
  /// pieces in which they arrive.
  @Suite struct ResponseReaderFuzzTests {
    private static let headerLimit = 300
    private static let bodyLimit = 200

    @Test func randomBytesAreSafe() {
      var random = SeededRandom.announced()
      let alphabet = Array("HTTP/1. 0123456789abcfCLTE:;,\r\n\r\n\r\n \t-".utf8) + [0, 0x0B, 0x7F, 0xFF]
      for round in 0..<5_000 {
        var bytes = Bool.random(using: &random) ? [] : Array("HTTP/1.1 200 OK\r\n".utf8)
        for _ in 0..<Int.random(in: 0...120, using: &random) {
          bytes.append(alphabet.randomElement(using: &random) ?? 0)
        }
        check(bytes, "round \(round)", &random)
      }
    }

    @Test func validAnswersAreUnderstood() {
      var random = SeededRandom.announced()
      for round in 0..<5_000 {
        let answer = RandomAnswer(using: &random)
        let reading = check(answer.bytes, "round \(round)", &random)
        let isTooLarge = answer.headerBytes > Self.headerLimit || answer.body.count > Self.bodyLimit
        guard !isTooLarge else {
          #expect(reading.end == .refused(.headersTooLarge) || reading.end == .refused(.bodyTooLarge), "round \(round)")
          continue
        }
        #expect(reading.end == (answer.endsAtClose ? .completeAtClose : .complete), "round \(round)")
        #expect(reading.status == answer.status && reading.body == answer.body, "round \(round)")
        #expect(reading.taken == answer.bytes.count, "round \(round)")
      }
    }

    @Test func damagedAnswersAreSafe() {
      var random = SeededRandom.announced()
      let odd = Array("\r\n \t:,;0159afxHT-".utf8) + [0, 0x0B, 0x7F, 0x80, 0xFF]
      for round in 0..<5_000 {
        var bytes = RandomAnswer(using: &random).bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<5, using: &random) {
          case 0: bytes[place] = odd.randomElement(using: &random) ?? 0
          case 1: bytes.insert(odd.randomElement(using: &random) ?? 0, at: place)
          case 2: bytes.remove(at: place)
          case 3: bytes.removeSubrange(place...)
          default: bytes.insert(contentsOf: bytes[..<place], at: place)
          }
        }
        check(bytes, "round \(round)", &random)
      }
    }

    /// Reads the bytes as a whole, byte by byte, and cut anywhere. Returns what became of them.
    @discardableResult
    private func check(
      _ bytes: [UInt8], _ place: Comment, _ random: inout SeededRandom
    ) -> Reading {
      let whole = read(bytes, [])
      var somewhere: [Int] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) where bytes.count > 1 {
        somewhere.append(Int.random(in: 1..<bytes.count, using: &random))
      }
      for cuts in [Array(bytes.indices.dropFirst()), somewhere] {
        let reading = read(bytes, cuts)
        #expect(reading.end == whole.end, place)
        if case .refused = whole.end { continue }
        #expect(reading == whole, place)
      }
      return whole
    }

    private func read(_ bytes: [UInt8], _ cuts: [Int]) -> Reading {
      let reading = Reading(
        bytes, cuts: cuts, closes: true, headerLimit: Self.headerLimit, bodyLimit: Self.bodyLimit)
      #expect(!reading.leftBytesBehind)
      #expect(reading.head.count <= Self.headerLimit && reading.body.count <= Self.bodyLimit)
      return reading
    }
  }
}
