import TestSupport
import Testing

@testable import RedisStore

@Suite struct ServerMarkerTests {
  @Test func aLossIsToldOnce() {
    var marker = ServerMarker(key: "k")
    #expect(marker.saw([1]) == .unchanged)
    #expect(marker.saw([1]) == .unchanged)
    #expect(marker.saw([2]) == .lost)
    #expect(marker.saw([2]) == .unchanged)
    #expect(marker.saw(nil) == .lost)
    #expect(marker.saw(nil) == .unchanged)
    #expect(marker.saw([3]) == .unchanged)
  }

  @Test func noTwoWritesAreTheSame() {
    var random = SeededRandom(seed: 1)
    let marker = ServerMarker(key: "k")
    #expect(marker.write(using: &random) != marker.write(using: &random))
  }
}
