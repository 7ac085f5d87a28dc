internal import CCurl

/// Why a connection carries no more bytes.
struct ConnectionFailure: Error {
  let code: CURLcode
  /// A text for a log line.
  let detail: String
}
