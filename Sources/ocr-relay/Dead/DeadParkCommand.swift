import ArgumentParser
import DeadLetters

/// `ocr-relay dead park`.
struct DeadParkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "park",
    abstract: "Put dead letters aside, into the queue ocr.parked.",
    discussion: """
      What is known and will not be mended today is out of sight there, and can still be listed, shown, replayed, \
      exported and deleted with --parked. A kill doubles at most the letter in flight.
      """)

  @OptionGroup var choice: ChoiceOptions
  @OptionGroup var broker: BrokerAddressOptions

  func validate() throws { _ = try choice.required() }

  func run() throws {
    let filter = try choice.required()
    try Desk.run(broker) { desk in
      let count = try await desk.park(filter) { count in
        if Terminal.hasErrorScreen { Terminal.writeError("\r\u{1B}[K\(AgeText.count(count)) put aside") }
      }
      if Terminal.hasErrorScreen { Terminal.writeError("\r\u{1B}[K") }
      Terminal.print("\(AgeText.count(count)) letters put aside in ocr.parked")
      return .success
    }
  }
}
