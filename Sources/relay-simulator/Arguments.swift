internal import RelaySimulator

/// The command line.
struct Arguments {
  var count: UInt64 = 100_000
  var from: UInt64 = 0
  var seed: UInt64?
  var isTracing = false
  var plant: PlantedBug?

  /// Nil when the arguments make no sense.
  init?(_ words: some Sequence<String>) {
    var words = words.makeIterator()
    while let word = words.next() {
      switch word {
      case "--trace": isTracing = true
      case "--seeds", "--from", "--seed":
        guard let number = words.next().flatMap({ UInt64($0) }) else { return nil }
        switch word {
        case "--seeds": count = number
        case "--from": from = number
        default: seed = number
        }
      case "--plant":
        guard let bug = words.next().flatMap({ PlantedBug(rawValue: $0) }) else { return nil }
        plant = bug
      default: return nil
      }
    }
    guard count > 0, !from.addingReportingOverflow(count).overflow, seed != nil || !isTracing else { return nil }
  }

  /// What has to be added to a command that replays a run.
  var plantText: String { plant.map { " --plant \($0.rawValue)" } ?? "" }
}
