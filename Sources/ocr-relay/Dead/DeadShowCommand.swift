import ArgumentParser
import DeadLetters
import Synchronization

/// `ocr-relay dead show`.
struct DeadShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one dead letter: why it failed, what to do, and its picture.",
    discussion: """
      The picture appears in terminals that can show one (kitty, Ghostty, iTerm2, WezTerm); --save writes it to a file \
      anywhere. Headers that are not of the contract are shown by their names alone.
      """)

  /// Letters with the same id that are shown.
  private static let most = 10

  @Argument(help: ArgumentHelp("A message id, or # and the beginning of a fingerprint."))
  var id: String

  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "Look among the letters that were put aside instead.")
  var parked = false

  @Option(help: ArgumentHelp("Write the picture to a new file in this folder.", valueName: "folder"))
  var save: String?

  @Flag(help: "Print one JSON object for each letter.")
  var json = false

  func validate() throws { _ = try FilterOptions.checkedID(id) }

  func run() throws {
    var filter = LetterFilter()
    filter.ids = [try FilterOptions.checkedID(id)]
    try Desk.run(broker) { [self, filter] desk in
      let found = Mutex<[Letter]>([])
      try await desk.read(parked ? .parked : .dead, filter, withBodies: true) { letter in
        found.withLock { if $0.count < Self.most { $0.append(letter) } }
      }
      let letters = found.withLock { $0 }
      guard !letters.isEmpty else {
        let place = parked ? "letter that was put aside" : "dead letter"
        throw CommandFailure(.requestFailed, "there is no \(place) \(id); `ocr-relay dead list` shows what there is")
      }
      for letter in letters { try show(letter) }
      return .success
    }
  }

  private func show(_ letter: Letter) throws {
    let picture = LetterPicture(body: letter.body, contentType: letter.record.contentType)
    if json {
      Terminal.print(letter.record.json())
    } else {
      let lines = LetterText.lines(of: letter.record, picture: picture, now: DeadLetterDesk.now)
      Terminal.print(lines.joined(separator: "\n"))
      if Terminal.hasScreen, let method = PicturePreview.method(ProcessEnvironment.variables),
        let sequence = PicturePreview.sequence(picture, method)
      {
        Terminal.write(sequence)
      }
    }
    if let save { try write(picture, of: letter, to: save) }
  }

  /// Names come from the fingerprint: what a publisher wrote into an id could be a path.
  private func write(_ picture: LetterPicture, of letter: Letter, to folder: String) throws(DeadLetterError) {
    try NewFile.makeFolder(folder)
    let name = String(letter.record.fingerprint?.text.prefix(12) ?? "letter")
    let path: String
    if case .file(let bytes, let kind) = picture {
      path = "\(folder)/\(name).\(LetterPicture.fileExtension(kind))"
      try NewFile.write(bytes, to: path)
    } else {
      path = "\(folder)/\(name).request"
      try NewFile.write(letter.body, to: path)
    }
    Terminal.printError("saved \(path)")
  }
}
