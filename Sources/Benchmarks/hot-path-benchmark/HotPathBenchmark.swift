import Glibc

/// What the steps of the hot path allocate, and what CPU they take. Ends with 1 when one allocates more than it may;
/// times are for the reader, they pass no judgement.
@main
enum HotPathBenchmark {
  static func main() {
    guard let signing = SigningOperations() else { exit(70) }
    let operations = BrokerOperations.all() + RequestOperations.all() + signing.all() + DecisionOperations.all()
    print(line("step", "allocations", "at most", "CPU ns"))
    let isRight = operations.map(show).allSatisfy { $0 }
    exit(isRight ? 0 : 1)
  }

  private static func show(_ operation: Operation) -> Bool {
    let figures = operation.measure()
    let isRight = figures.allocations <= Double(operation.mostAllocations) + 0.01
    print(
      line(
        operation.name, hundredths(figures.allocations), "\(operation.mostAllocations)", "\(figures.nanoseconds)")
        + (isRight ? "" : "  TOO MANY"))
    return isRight
  }

  private static func line(_ name: String, _ columns: String...) -> String {
    columns.reduce(padded(name, 52, left: true)) { $0 + padded($1, 14, left: false) }
  }

  private static func padded(_ text: String, _ width: Int, left: Bool) -> String {
    let padding = String(repeating: " ", count: max(0, width - text.count))
    return left ? text + padding : padding + text
  }

  private static func hundredths(_ value: Double) -> String {
    let whole = Int((value * 100).rounded())
    return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
  }
}
