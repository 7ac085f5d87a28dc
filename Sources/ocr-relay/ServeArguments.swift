/// The plain forms of `serve`, read without the argument parser.
///
/// The parser works by reflection, which brings megabytes of the program into memory; the service runs for months and
/// in many copies, so it starts without. Whatever is not one of these forms, help and mistakes included, is left to
/// the parser.
struct ServeArguments: Equatable {
  var configurationFile: String?

  /// Nil when the arguments are not `serve`, `serve -c FILE`, `serve --config FILE` or `serve --config=FILE`.
  init?(_ arguments: some Collection<String>) {
    var rest = Array(arguments)[...]
    guard rest.popFirst() == "serve" else { return nil }
    guard let option = rest.popFirst() else { return }
    if option == "-c" || option == "--config" {
      guard let file = rest.popFirst(), !file.hasPrefix("-") else { return nil }
      configurationFile = file
    } else if option.hasPrefix("--config="), option != "--config=" {
      configurationFile = String(option.dropFirst("--config=".count))
    } else {
      return nil
    }
    guard rest.isEmpty else { return nil }
  }
}
