internal import DeadLetters

/// How carefully a replay goes, as a form says it.
struct ReplayForm: Sendable, Equatable {
  var canaries = 1
  var rate = 20
  var stopAfterFailures = 3

  /// The usual care.
  init() {}

  /// Reads a form; nil when a number is missing or out of bounds.
  init?(_ values: FormValues) {
    guard let canaries = Self.number(values["canaries"], 0...1_000), let rate = Self.number(values["rate"], 1...1_000),
      let stopAfterFailures = Self.number(values["stop_after"], 0...100_000)
    else { return nil }
    self.canaries = canaries
    self.rate = rate
    self.stopAfterFailures = stopAfterFailures
  }

  private static func number(_ text: String?, _ range: ClosedRange<Int>) -> Int? {
    guard let text, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }

  /// The same for the engine.
  var options: ReplayOptions {
    var options = ReplayOptions()
    options.canaries = canaries
    options.rate = rate
    options.stopAfterFailures = stopAfterFailures
    return options
  }
}
