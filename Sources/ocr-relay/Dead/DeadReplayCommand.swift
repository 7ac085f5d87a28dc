import ArgumentParser
import DeadLetters

/// `ocr-relay dead replay`.
struct DeadReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Send dead letters back to where they came from, carefully.",
    discussion: """
      The letters are chosen first and written to a plan, so that one that fails again is not sent again by the same \
      plan. Canaries go first: the others follow when the canaries were recognised. Sent requests have all their \
      attempts before them; a deadline that is over is taken out; earlier failures are kept in the header ocr-history.

      After an interruption, a kill included, give the plan again and it goes on: what was sent is not sent twice, but \
      for the one letter in flight.

        ocr-relay dead replay --cause upstream_failure --canary 3 --rate 5
        ocr-relay dead replay --plan replay-20260102-030405.plan
      """)

  @OptionGroup var choice: ChoiceOptions
  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "Replay letters that were put aside instead.")
  var parked = false

  @Option(
    help: ArgumentHelp("The plan: a new file for the letters chosen here, or one to go on with.", valueName: "file"))
  var plan: String?

  @Flag(help: "Say what would be sent, and do nothing.")
  var dryRun = false

  @Option(help: "Letters that go first; 0 sends all without waiting.")
  var canary = 1

  @Option(help: "The most letters in a second.")
  var rate = 20

  @Option(help: "Stop when so many letters have failed again or cannot be sent; 0 never stops.")
  var stopAfterFailures = 3

  @Option(help: "How long to wait for news of a canary, and of the last letters.")
  var timeoutSeconds = 120

  @Flag(help: "Do not ask.")
  var yes = false

  func validate() throws {
    guard (0...10_000).contains(canary) else { throw ValidationError("--canary: 0 to 10000.") }
    guard (1...10_000).contains(rate) else { throw ValidationError("--rate: 1 to 10000.") }
    guard (0...1_000_000).contains(stopAfterFailures) else {
      throw ValidationError("--stop-after-failures: 0 to 1000000.")
    }
    // The broker takes a letter back that nobody settles for half an hour.
    guard (1...1_200).contains(timeoutSeconds) else { throw ValidationError("--timeout-seconds: 1 to 1200.") }
    if plan == nil || dryRun { _ = try choice.required() }
  }

  func run() throws {
    let filter = try choice.choice()
    if !dryRun { try Confirmation.check(yes) }
    try Desk.run(broker) { [self] desk in
      if dryRun { return try await describe(filter, desk) }
      guard let path = try await makePlan(filter, desk) else { return .success }
      return try await replay(path, desk)
    }
  }

  private var place: LetterPlace { parked ? .parked : .dead }

  private func describe(_ filter: LetterFilter?, _ desk: DeadLetterDesk) async throws -> ExitReason {
    let statistics = try await desk.plan(place, filter ?? LetterFilter(), at: nil)
    Terminal.print(ReplayText.plan(statistics).joined(separator: "\n"))
    return .success
  }

  /// The plan's file; nil when there is nothing to send or it is not wanted.
  private func makePlan(_ filter: LetterFilter?, _ desk: DeadLetterDesk) async throws -> String? {
    if let plan, ReplayText.exists(plan) {
      let old = try desk.plan(at: plan)
      guard filter.map({ $0.text == old.filter }) ?? true, (old.place == .parked) == parked || filter == nil else {
        throw CommandFailure(
          .usage, "\(plan) was made for other letters (\(old.filter)); name a new file, or no filter")
      }
      Terminal.printError("going on with \(plan): \(old.published) of \(old.letters) letters were sent")
      return plan
    }
    guard let filter else { throw CommandFailure(.requestFailed, "\(plan ?? "the plan"): there is no such file") }
    let path = plan ?? "replay-\(ReplayText.stamp(DeadLetterDesk.now)).plan"
    let statistics = try await desk.plan(place, filter, at: path)
    for line in ReplayText.plan(statistics) { Terminal.printError(line) }
    guard statistics.total.letters > 0 else { return nil }
    Terminal.printError("plan: \(path)")
    guard yes || Confirmation.ask("Send \(AgeText.count(statistics.total.letters)) letters?") else {
      Terminal.printError("nothing was sent")
      return nil
    }
    return path
  }

  private func replay(_ path: String, _ desk: DeadLetterDesk) async throws -> ExitReason {
    var options = ReplayOptions()
    options.canaries = canary
    options.rate = rate
    options.stopAfterFailures = stopAfterFailures
    options.outcomeTimeout = .seconds(timeoutSeconds)
    let isScreen = Terminal.hasErrorScreen
    let result = try await desk.replay(planAt: path, options) { result in
      if isScreen { Terminal.writeError("\r\u{1B}[K" + ReplayText.progress(result)) }
    }
    if isScreen { Terminal.writeError("\r\u{1B}[K") }
    Terminal.print(ReplayText.lines(of: result, plan: path).joined(separator: "\n"))
    return ReplayText.reason(for: result)
  }
}
