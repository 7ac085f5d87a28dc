import ArgumentParser
import OCRContract

/// `ocr-relay errors [CODE]`.
struct ErrorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "errors",
    abstract: "Explain the error codes of replies and dead letters.",
    discussion: "With a code (OCR_IMAGE_DAMAGED) or a class (unsupported_image) only what belongs to it.")

  @Argument(help: ArgumentHelp("A code or a class.", valueName: "code"))
  var name: String?

  func run() throws {
    let found = ErrorCatalogue.codes(matching: name)
    guard !found.isEmpty else {
      throw CommandFailure(.usage, "there is no error code or class \(name ?? ""); `ocr-relay errors` lists all")
    }
    Terminal.print(ErrorCatalogue.text(of: found))
  }
}
