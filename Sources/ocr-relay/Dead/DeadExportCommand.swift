import ArgumentParser
import DeadLetters
import Glibc
import Synchronization

/// `ocr-relay dead export`.
struct DeadExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Copy dead letters into files; they stay where they are.",
    discussion: """
      The folder gets letters.jsonl, with the members of `dead list --json` and the name of the file with the body, and \
      each body byte for byte. Nothing that is there already is overwritten. Only you can read the files.
      """)

  @Argument(help: ArgumentHelp("The folder; it is made if it is not there."))
  var folder: String

  @OptionGroup var filter: FilterOptions
  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "Copy the letters that were put aside instead.")
  var parked = false

  func run() throws {
    let filter = try filter.filter()
    try Desk.run(broker) { [parked, folder] desk in
      let export = try LetterExport(folder: folder)
      try await desk.read(parked ? .parked : .dead, filter, withBodies: true) {
        (letter) throws(DeadLetterError) in try export.add(letter)
      }
      Terminal.print("\(AgeText.count(export.count)) letters copied to \(folder)")
      return .success
    }
  }
}
