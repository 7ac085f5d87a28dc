import RelayCore
import TestSupport
import Testing

@testable import SharedState

@Suite struct StoredResultBytesTests {
  @Test(arguments: [
    StoredResult(body: [], attempts: 0, milliseconds: 0), StoredResult(body: [1, 2], attempts: 7, milliseconds: -1),
    StoredResult(body: Array("{}".utf8), attempts: 1, milliseconds: .max, requestID: ""),
    StoredResult(body: Array("{}".utf8), attempts: 1, milliseconds: 5, requestID: "é-1"),
  ])
  func aResultIsReadAsItWas(_ result: StoredResult) {
    #expect(StoredResult(bytes: result.bytes) == result)
  }

  @Test func noBytesTrap() {
    var random = SeededRandom.announced()
    let bytes = StoredResult(body: [1, 2, 3], attempts: 1, milliseconds: 5, requestID: "abc").bytes
    for _ in 0..<50_000 {
      var changed = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      if !changed.isEmpty {
        changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let result = StoredResult(bytes: changed) { #expect(result.body.count <= changed.count) }
    }
  }
}
