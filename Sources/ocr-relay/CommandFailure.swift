/// Ends a command with a message and an exit code.
struct CommandFailure: Error {
  var status: ExitReason
  /// One or more lines; empty when everything has been said.
  var message: String

  init(_ status: ExitReason, _ message: String = "") {
    self.status = status
    self.message = message
  }
}
