import ArgumentParser
import DeadLetters
import OCRContract

/// Which dead letters a command means.
struct FilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A class of errors, such as unsupported_image; may be repeated.", valueName: "class"))
  var cause: [String] = []

  @Option(help: ArgumentHelp("An error code, such as OCR_IMAGE_DAMAGED; may be repeated.", valueName: "code"))
  var code: [String] = []

  @Option(help: ArgumentHelp("An API, such as general-text; may be repeated.", valueName: "name"))
  var api: [String] = []

  @Option(help: ArgumentHelp("A publisher, as the broker has proven it; '' for unknown ones.", valueName: "name"))
  var user: [String] = []

  @Option(help: ArgumentHelp("Failed at least so long ago: 90s, 15m, 2h, 7d.", valueName: "age"))
  var olderThan: String?

  @Option(help: ArgumentHelp("Failed at most so long ago.", valueName: "age"))
  var newerThan: String?

  @Option(help: ArgumentHelp("A message id, or # and the beginning of a fingerprint; may be repeated."))
  var id: [String] = []

  func validate() throws { _ = try filter() }

  /// The filter, checked. Names that cannot match anything are mistakes.
  func filter() throws(ValidationError) -> LetterFilter {
    var filter = LetterFilter()
    let classes = ErrorClass.allCases.filter { $0.deadLetterQueue != nil }.map(\.rawValue)
    for name in cause { filter.causes.append(try Self.known(name.lowercased(), in: classes, "--cause")) }
    for name in code {
      filter.codes.append(try Self.known(name.uppercased(), in: ErrorCode.allCases.map(\.rawValue), "--code"))
    }
    filter.apis = api
    filter.users = user
    filter.olderThan = try olderThan.map { text throws(ValidationError) in try AgeText.parse(text, "--older-than") }
    filter.newerThan = try newerThan.map { text throws(ValidationError) in try AgeText.parse(text, "--newer-than") }
    for id in id { filter.ids.append(try Self.checkedID(id)) }
    return filter
  }

  private static func known(_ name: String, in names: [String], _ option: String) throws(ValidationError) -> String {
    if names.contains(name) { return name }
    let near = names.filter { $0.contains(name) || name.contains($0) }
    let hint = near.isEmpty ? "did you mean one of" : "did you mean"
    let list = (near.isEmpty ? names : near).joined(separator: ", ")
    throw ValidationError("\(option): there is no \(PrintableText.of(name)); \(hint) \(list)?")
  }

  /// A short beginning would mean many letters by chance.
  static func checkedID(_ id: String) throws(ValidationError) -> String {
    guard !id.isEmpty else { throw ValidationError("--id: it is empty.") }
    guard id.hasPrefix("#") else { return id }
    let digits = id.dropFirst().utf8
    guard (8...32).contains(digits.count),
      digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else {
      throw ValidationError("--id: after # come 8 to 32 of the digits 0-9 and a-f.")
    }
    return id
  }
}
