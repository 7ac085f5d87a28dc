import ArgumentParser
import DeadLetters

/// `ocr-relay dead stats`.
struct DeadStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Count dead letters by cause, code, API, publisher and age.",
    discussion: """
      Every letter that may be meant is fetched, body included. --json prints one object: letters, bytes, oldest_ms and \
      newest_ms (milliseconds since 1970) of all, the same with name for each of causes, codes, apis and users, the \
      largest first, ages, and replayed.
      """)

  @OptionGroup var filter: FilterOptions
  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "Count the letters that were put aside instead.")
  var parked = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let filter = try filter.filter()
    let place = parked ? LetterPlace.parked : .dead
    try Desk.run(broker) { [json] desk in
      let statistics = try await desk.statistics(of: place, filter)
      if json {
        Terminal.print(statistics.json())
      } else {
        let lines = StatisticsText.lines(of: statistics, place: place, now: DeadLetterDesk.now)
        Terminal.print(lines.joined(separator: "\n"))
      }
      return .success
    }
  }
}
