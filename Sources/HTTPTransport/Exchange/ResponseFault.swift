/// What is wrong with the bytes of an answer.
enum ResponseFault: Error, Equatable {
  /// They are not an HTTP/1.1 answer; the text says what is wrong.
  case malformed(String)
  /// The headers, interim answers and trailers included, are larger than the limit.
  case headersTooLarge
  /// The body is, or announces to be, larger than the limit.
  case bodyTooLarge
  /// They ended before the answer did.
  case truncated

  /// The kind of failure that it makes.
  var kind: HTTPFailure.Kind {
    switch self {
    case .malformed: .malformedResponse
    case .headersTooLarge: .headersTooLarge
    case .bodyTooLarge: .responseTooLarge
    case .truncated: .connectionLost
    }
  }

  /// A text for a log line.
  var detail: String {
    switch self {
    case .malformed(let problem): problem
    case .headersTooLarge: "the headers of the answer are larger than the limit"
    case .bodyTooLarge: "the body of the answer is larger than the limit"
    case .truncated: "the connection ended before the answer was complete"
    }
  }
}
