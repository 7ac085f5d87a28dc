import EventLoop
import Testing

@Suite struct BufferPoolTests {
  @Test(arguments: [(0, 1024), (1, 1024), (1024, 1024), (1025, 2048), (10_000_000, 16_777_216)])
  func capacitiesAreRoundedUpToPowersOfTwo(wanted: Int, expected: Int) {
    #expect(BufferPool().take(capacity: wanted).capacity == expected)
  }

  @Test func aReturnedBlockIsUsedAgain() {
    let pool = BufferPool()
    var first: PooledBuffer? = pool.take(capacity: 5_000)
    let address = first?.bytes.baseAddress
    first = nil
    #expect(pool.idleBytes == 8_192)
    #expect(pool.take(capacity: 6_000).bytes.baseAddress == address)
    #expect(pool.bytesInUse == 0)
  }

  @Test func idleMemoryStaysUnderItsLimit() {
    let pool = BufferPool(idleLimit: 4_096)
    var held = (0..<8).map { _ in pool.take(capacity: 1_024) }
    #expect(pool.bytesInUse == 8_192)
    held.removeAll()
    #expect(pool.bytesInUse == 0)
    #expect(pool.idleBytes == 4_096)
  }

  /// The smallest blocks come from the heap, those of 1 MiB and more are mapped; idle ones are given back or used again.
  @Test(arguments: [0, 64 << 20])
  func aGrowingBufferKeepsItsBytes(idleLimit: Int) {
    let pool = BufferPool(idleLimit: idleLimit)
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
    for _ in 0..<2 {
      let buffer = pool.take(capacity: 16)
      for chunk in stride(from: 0, to: bytes.count, by: 7_777) {
        bytes[chunk..<min(chunk + 7_777, bytes.count)].withUnsafeBytes { buffer.append($0) }
      }
      #expect(Array(buffer.bytes) == bytes)
    }
    #expect(pool.bytesInUse == 0)
  }
}
