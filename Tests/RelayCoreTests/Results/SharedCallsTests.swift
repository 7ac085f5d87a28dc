import RelayCore
import Testing

struct SharedCallsTests {
  private static let one = ResultKey(high: 1, low: 1)
  private static let two = ResultKey(high: 2, low: 1)

  @Test func oneCallAtATimeForEachKey() {
    var calls = SharedCalls<String>()
    var begun = [calls.begin(Self.one), calls.begin(Self.two), calls.begin(Self.one)]
    #expect(begun == [true, true, false])
    calls.wait(Self.one, "a")
    calls.wait(Self.one, "b")
    #expect(calls.count == 2)
    #expect(calls.end(Self.one) == ["a", "b"])
    #expect(calls.end(Self.two).isEmpty)
    #expect(calls.count == 0)
    begun = [calls.begin(Self.one)]
    #expect(begun == [true], "the next call may begin")
  }
}
