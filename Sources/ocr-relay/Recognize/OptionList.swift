import OCRContract

/// Parameters of an API as written on the command line: `name=value`.
///
/// `true`, `false`, numbers, and values in JSON's brackets, braces or quotes are taken as JSON; everything else is text.
struct OptionList: Sendable, Equatable {
  /// Why an option cannot be used.
  struct Invalid: Error, Equatable, CustomStringConvertible {
    var description: String
  }

  private(set) var members: [JSONValue.Member] = []

  init(_ options: [String]) throws(Invalid) {
    for option in options {
      guard let equals = option.firstIndex(of: "="), equals > option.startIndex else {
        throw Invalid(description: "--option \(option): write name=value")
      }
      let name = String(option[..<equals])
      guard !members.contains(where: { $0.name == name }) else {
        throw Invalid(description: "--option \(name) is given twice")
      }
      guard name != "image", name != "url" else {
        throw Invalid(description: "--option \(name): name the file itself, or give an address with --url")
      }
      members.append(.init(name: name, value: try Self.value(option[option.index(after: equals)...], of: name)))
    }
  }

  /// The options as a JSON object; nil when there are none.
  var json: [UInt8]? {
    guard !members.isEmpty else { return nil }
    var writer = JSONWriter()
    writer.value(.object(members))
    return writer.bytes
  }

  private static func value(_ text: Substring, of name: String) throws(Invalid) -> JSONValue {
    if let value = try? JSONReader.read(Array(text.utf8)), !value.isNull { return value }
    if let first = text.first, "[{\"".contains(first) {
      throw Invalid(description: "--option \(name): the value begins like JSON and is not")
    }
    return .string(String(text))
  }
}
