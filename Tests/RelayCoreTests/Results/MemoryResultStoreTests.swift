import Testing

@testable import RelayCore

struct MemoryResultStoreTests {
  private final class Clock {
    var now = Duration.zero
  }

  private static func key(_ number: Int) -> ResultKey { ResultKey(high: 0, low: UInt64(number)) }

  private static func result(_ text: String, size: Int = 0) -> StoredResult {
    StoredResult(
      body: Array(text.utf8) + Array(repeating: 0, count: size), attempts: 1, milliseconds: 20, requestID: text)
  }

  private let clock = Clock()

  private func store(bytes: Int = 1 << 20, lifetime: Duration = .seconds(60)) -> MemoryResultStore {
    let clock = clock
    return MemoryResultStore(maximumBytes: bytes, lifetime: lifetime) { clock.now }
  }

  @Test func whatIsKeptIsFoundAsItWas() {
    let store = store()
    let result = Self.result("text")
    #expect(store.found(Self.key(1)) == nil)
    #expect(store.kept(Self.key(1), result) == nil)
    #expect(store.found(Self.key(1)) == result)
    #expect(store.found(Self.key(2)) == nil)
    #expect(store.found(ResultKey(high: 1, low: 1)) == nil, "both halves of the key count")
  }

  @Test func theFirstResultWins() {
    let store = store()
    _ = store.kept(Self.key(1), Self.result("first"))
    #expect(store.kept(Self.key(1), Self.result("second")) == Self.result("first"))
    #expect(store.found(Self.key(1)) == Self.result("first"))
    #expect(store.count == 1)
  }

  @Test func resultsEndWithTheirTime() {
    let store = store(lifetime: .seconds(60))
    _ = store.kept(Self.key(1), Self.result("first"))
    clock.now = .seconds(30)
    _ = store.kept(Self.key(2), Self.result("later"))
    clock.now = .milliseconds(59_999)
    #expect(store.found(Self.key(1)) != nil)
    clock.now = .seconds(60)
    #expect(store.found(Self.key(1)) == nil)
    #expect(store.count == 1, "what has ended takes no memory")
    #expect(store.kept(Self.key(1), Self.result("again")) == nil, "an ended result wins nothing")
    clock.now = .seconds(1_000)
    _ = store.kept(Self.key(3), Self.result("much later"))
    #expect(store.count == 1 && store.bytes == 10 + MemoryResultStore.overhead)
  }

  @Test func theOldestLeaveWhenTheRoomIsUsedUp() {
    let size = 1_000 + MemoryResultStore.overhead
    let store = store(bytes: 20 * size)
    for number in 0..<30 { _ = store.kept(Self.key(number), Self.result("", size: 1_000)) }
    #expect(store.count == 20 && store.bytes == 20 * size)
    #expect((0..<10).allSatisfy { store.found(Self.key($0)) == nil })
    #expect((10..<30).allSatisfy { store.found(Self.key($0)) != nil })
  }

  @Test func aLargeResultIsNotKeptAndPushesNothingOut() {
    let store = store(bytes: 64_000)
    _ = store.kept(Self.key(1), Self.result("small"))
    #expect(store.kept(Self.key(2), Self.result("", size: store.largestBody + 1)) == nil)
    #expect(store.found(Self.key(2)) == nil && store.found(Self.key(1)) != nil)
    _ = store.kept(Self.key(3), Self.result("", size: store.largestBody))
    #expect(store.found(Self.key(3)) != nil)
  }

  @Test(arguments: [0, 100])
  func aStoreWithoutRoomKeepsNothing(_ bytes: Int) {
    let store = store(bytes: bytes)
    #expect(store.kept(Self.key(1), Self.result("")) == nil)
    #expect(store.count == 0 && store.bytes == 0)
  }

  /// Against a model that keeps everything in a list.
  @Test func randomUseKeepsTheBounds() {
    let seed = CheckRandom.seed("MemoryResultStore")
    var random = CheckRandom(seed: seed)
    let store = store(bytes: 20_000, lifetime: .seconds(50))
    var model: [(key: Int, result: StoredResult, end: Duration)] = []
    for _ in 0..<20_000 {
      clock.now += .milliseconds(Int.random(in: 0...500, using: &random))
      model.removeAll { $0.end <= clock.now }
      let key = Int.random(in: 0..<100, using: &random)
      let known = model.first { $0.key == key }?.result
      guard Bool.random(using: &random) else {
        #expect(store.found(Self.key(key)) == known, "seed \(seed)")
        continue
      }
      let result = Self.result("\(key)", size: Int.random(in: 0...1_200, using: &random))
      #expect(store.kept(Self.key(key), result) == known, "seed \(seed)")
      guard known == nil, result.body.count <= store.largestBody else { continue }
      model.append((key, result, clock.now + .seconds(50)))
      while model.map(Self.size).reduce(0, +) > 20_000 { model.removeFirst() }
      #expect(store.bytes == model.map(Self.size).reduce(0, +), "seed \(seed)")
    }
  }

  private static func size(_ entry: (key: Int, result: StoredResult, end: Duration)) -> Int {
    entry.result.body.count + MemoryResultStore.overhead
  }
}

extension ResultStore {
  fileprivate func found(_ key: ResultKey) -> StoredResult? {
    var found: StoredResult?
    find(key) { found = $0 }
    return found
  }

  fileprivate func kept(_ key: ResultKey, _ result: StoredResult) -> StoredResult? {
    var earlier: StoredResult?
    keep(key, result) { earlier = $0 }
    return earlier
  }
}
