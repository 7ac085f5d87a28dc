import Glibc

/// A generator whose sequence follows from its seed (SplitMix64), so that a failing case can be repeated.
public struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  /// The sequence of this seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The seed of `TEST_SEED`, else a new one. Prints it: a failure is repeated by setting the variable.
  public static func announced(_ test: String = #function) -> SeededRandom {
    let wanted = getenv("TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    let seed = wanted ?? UInt64.random(in: 0...(.max))
    print("\(test): TEST_SEED=\(seed)")
    return SeededRandom(seed: seed)
  }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
