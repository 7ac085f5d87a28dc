import Glibc

/// What signing a call with a 10 MB body costs, beside the plain SHA-256 of that body: all in one run, by turns, and
/// the best of many rounds each, so that other work on the machine does not count. Ends with 1 above the limit.
///
/// A picture that is encoded while it is sent is encoded once more for its hash, because keeping the text would take
/// 10 MB of memory for each call. The limit holds for that as well.
@main
enum SigningBenchmark {
  private static let limit = 1.2
  private static let rounds = 200

  static func main() {
    guard let measurement = SigningMeasurement(pictureSize: (10 << 20) / 4 * 3) else { exit(70) }
    guard measurement.forwarded() == measurement.encoded() else {
      print("the two ways to the same signature differ")
      exit(1)
    }
    let ways = [measurement.plain, measurement.forwarded, measurement.encoded]
    var best = [Duration](repeating: .seconds(3_600), count: ways.count)
    for _ in 0..<rounds {
      for (index, way) in ways.enumerated() { best[index] = min(best[index], ContinuousClock().measure { _ = way() }) }
    }
    print("body of \(measurement.body.count) bytes; plain SHA-256: \(milliseconds(best[0]))")
    let ratios = [
      show("signed as it came", best[1], of: best[0]), show("signed and encoded for it", best[2], of: best[0]),
    ]
    exit(ratios.allSatisfy { $0 <= limit } ? 0 : 1)
  }

  private static func show(_ name: String, _ time: Duration, of plain: Duration) -> Double {
    let ratio = time / plain
    print("\(name): \(milliseconds(time)), \(hundredths(Int((ratio * 100).rounded()))) of that")
    return ratio
  }

  private static func milliseconds(_ duration: Duration) -> String {
    hundredths(Int(duration / .microseconds(10))) + " ms"
  }

  private static func hundredths(_ value: Int) -> String {
    "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)"
  }
}
