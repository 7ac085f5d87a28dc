extension AdaptiveRate {
  /// The whole state as whole numbers, times in microseconds: what is kept in a store that several processes share.
  public var numbers: [Int] {
    [
      version, phase.rawValue, limit?.calls ?? 0, limit?.window.wholeMicroseconds ?? 0,
      Int(callsPerSecond * Self.rateScale), pausedUntil.wholeMicroseconds, lastCut.wholeMicroseconds,
      window.wholeMicroseconds, Int(share * Self.shareScale), Int(gain * Self.rateScale),
      phaseBegan.wholeMicroseconds, phaseAnswered, probeCost, lastWasProbe ? 1 : 0, lastPause.wholeMicroseconds,
    ]
  }

  /// Takes over what another process has decided. False, and nothing changed, when the numbers make no sense. A pause that
  /// would last longer than it was meant to, because the clock was set back since, is cut to that.
  public mutating func adopt(_ numbers: [Int], now: Duration? = nil) -> Bool {
    guard numbers.count == 15, numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 53 }), let phase = Phase(rawValue: numbers[1]),
      (numbers[2] > 0) == (numbers[3] > 0), numbers[4] > 0, numbers[7] > 0, numbers[8] > 0, numbers[9] > 0
    else { return false }
    self.phase = phase
    version = numbers[0]
    limit = numbers[2] > 0 ? RateLimit(calls: numbers[2], window: .microseconds(numbers[3])) : nil
    callsPerSecond = Double(numbers[4]) / Self.rateScale
    pausedUntil = .microseconds(numbers[5])
    lastCut = .microseconds(numbers[6])
    window = .microseconds(numbers[7])
    share = min(Double(numbers[8]) / Self.shareScale, 1)
    gain = Double(numbers[9]) / Self.rateScale
    phaseBegan = .microseconds(numbers[10])
    phaseAnswered = numbers[11]
    probeCost = max(1, numbers[12])
    lastWasProbe = numbers[13] != 0
    lastPause = .microseconds(numbers[14])
    if let now { pausedUntil = min(pausedUntil, now + lastPause) }
    return true
  }

  /// Moves all times, because the clock that they are of was set.
  mutating func shift(by step: Duration) {
    pausedUntil += step
    lastCut += step
    phaseBegan += step
  }

  private static let rateScale = 1e6
  private static let shareScale = 1e6
}

extension Duration {
  /// The duration in whole microseconds, clamped to what an `Int` holds.
  var wholeMicroseconds: Int {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : Int(sum)
  }
}
