/// Why a file of ours cannot be used.
struct FileFailure: Error, Equatable {
  /// What was tried, such as `open /var/lib/ocr-relay/token`.
  var operation: String
  /// What came of it.
  var detail: String

  init(_ operation: String, _ detail: String) {
    self.operation = operation
    self.detail = detail
  }
}
