import ArgumentParser
import DeadLetters

/// `ocr-relay dead purge`.
struct DeadPurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Delete dead letters for good.",
    discussion: "Says what would be deleted and asks. Letters that arrive meanwhile stay.")

  @OptionGroup var choice: ChoiceOptions
  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "Delete from the letters that were put aside instead.")
  var parked = false

  @Flag(help: "Do not ask.")
  var yes = false

  func validate() throws { _ = try choice.required() }

  func run() throws {
    let filter = try choice.required()
    try Confirmation.check(yes)
    try Desk.run(broker) { [parked, yes] desk in
      let place = parked ? LetterPlace.parked : .dead
      let count = try await desk.purge(place, filter) { statistics in
        if yes { return true }
        let total = statistics.total
        let causes = LetterStatistics.ranked(statistics.causes).map { "\($0.group.letters) \($0.name)" }
        return Confirmation.ask(
          "Delete \(AgeText.count(total.letters)) letters for good (\(causes.joined(separator: ", ")))?")
      }
      Terminal.print("\(AgeText.count(count)) letters deleted")
      return .success
    }
  }
}
