/// SplitMix64: a seed that is printed replays a run.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Changes, drops, inserts and splices a few bytes.
  mutating func mutate(_ bytes: [UInt8], with corpus: [[UInt8]]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 0...4, using: &self) {
      let at = Int.random(in: 0...bytes.count, using: &self)
      switch Int.random(in: 0..<5, using: &self) {
      case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: at)
      case 1 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &self)
      case 2 where at < bytes.count: bytes.removeSubrange(at..<Swift.min(bytes.count, at + 5))
      case 3: bytes.insert(contentsOf: corpus.randomElement(using: &self)?.prefix(40) ?? [], at: at)
      default: bytes = Array(bytes[..<at])
      }
    }
    return bytes
  }
}
