internal import EventLoop

/// A call that was started and has not ended: what is asked, and who waits for it.
struct Call {
  let id: HTTPCallID
  var request: HTTPRequest
  let startedAt: MonotonicInstant
  /// When the client ends the call.
  let deadline: MonotonicInstant
  let completion: (Result<HTTPResponse, HTTPFailure>) -> Void
}
