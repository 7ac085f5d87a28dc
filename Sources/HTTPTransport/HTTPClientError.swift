/// A client, target or header that cannot be used: a mistake in the configuration, found before any call.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The setting has a value that is not allowed.
  case invalidSetting(name: String, problem: String)
  /// The URL cannot be called; the text never contains the URL's query.
  case invalidTarget(problem: String)
  /// The header cannot be sent; the text never contains the value.
  case invalidHeader(name: String, problem: String)
  /// The environment contains `SSLKEYLOGFILE`, with which libcurl would write TLS keys, hence tokens, into a file.
  case keyLogFileIsSet
  /// libcurl or the system refused a handle.
  case libraryFailed(operation: String, detail: String)

  /// A sentence for a log line.
  public var description: String {
    switch self {
    case .invalidSetting(let name, let problem): "HTTP setting \(name): \(problem)"
    case .invalidTarget(let problem): "HTTP target: \(problem)"
    case .invalidHeader(let name, let problem): "HTTP header \(name): \(problem)"
    case .keyLogFileIsSet:
      "SSLKEYLOGFILE is set: it would write the keys of all TLS connections into a file; remove it from the environment"
    case .libraryFailed(let operation, let detail): "\(operation) failed: \(detail)"
    }
  }
}
