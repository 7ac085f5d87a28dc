import ArgumentParser
import DeadLetters

/// Which letters a command moves or deletes: all of them only when that is said.
struct ChoiceOptions: ParsableArguments {
  @OptionGroup var filter: FilterOptions

  @Flag(help: "All letters, whatever their cause.")
  var all = false

  func validate() throws { _ = try choice() }

  /// Nil when nothing was chosen.
  func choice() throws(ValidationError) -> LetterFilter? {
    let filter = try filter.filter()
    guard filter.isEmpty || !all else { throw ValidationError("Give either --all or a filter, not both.") }
    return filter.isEmpty && !all ? nil : filter
  }

  /// The filter; a mistake when nothing was chosen.
  func required() throws(ValidationError) -> LetterFilter {
    guard let filter = try choice() else {
      throw ValidationError(
        "Say which letters: --cause, --code, --api, --user, --older-than, --newer-than, --id or --all.")
    }
    return filter
  }
}
