import Telemetry
import TestSupport
import Testing

struct TraceContextTests {
  private static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test func readsAndWritesTheHeader() throws {
    let context = try #require(TraceContext(parsing: Self.text))
    #expect(context.traceID == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
    #expect(context.spanID == SpanID(0xb7ad_6b71_6920_3331))
    #expect(context.isSampled && !context.isRandom)
    #expect(context.text == Self.text)
  }

  @Test(arguments: [(0, false, false), (1, true, false), (2, false, true), (3, true, true), (0xFF, true, true)])
  func passesOnTheFlagsThatItKnows(_ flags: Int, _ isSampled: Bool, _ isRandom: Bool) throws {
    let digits = String(flags, radix: 16)
    let context = try #require(
      TraceContext(parsing: Self.text.dropLast(2) + String(repeating: "0", count: 2 - digits.count) + digits))
    #expect(context.isSampled == isSampled && context.isRandom == isRandom)
    #expect(context.text.hasSuffix("-0\(flags & 3)"))
  }

  @Test func readsWhatLaterVersionsShare() {
    #expect(TraceContext(parsing: "cc" + Self.text.dropFirst(2)) != nil)
    #expect(TraceContext(parsing: "cc" + Self.text.dropFirst(2) + "-what-comes") != nil)
    #expect(TraceContext(parsing: "cc" + Self.text.dropFirst(2) + ".what-comes") == nil)
  }

  @Test(arguments: [
    "", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
    "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
    "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    "00-0af7651916cd43dd8448eb211c8031é-b7ad6b7169203331-001",
  ])
  func refusesWhatIsMalformed(_ text: String) {
    #expect(TraceContext(parsing: text) == nil)
  }

  /// Whatever comes in, what is read is written again in its canonical form.
  @Test func hostileTextsAreReadOrRefused() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      var bytes = Array(Self.text.utf8)
      for _ in 0..<Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0x20..<0x7F, using: &random), at: place)
        default: bytes.remove(at: place)
        }
      }
      guard let context = TraceContext(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
      #expect(TraceContext(parsing: context.text) == context)
      #expect(context.text.utf8.count == 55)
    }
  }
}
