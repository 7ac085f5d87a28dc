internal import EventLoop

/// A call on a connection: what of the request was sent and what of the answer has arrived.
///
/// An object, because copies of all that it refers to would cost more than the call.
final class Exchange {
  private(set) var call: Call
  var request: RequestWriter
  var answer: ResponseReader
  /// Slower calls than the configuration allows are ended.
  var speed: SpeedWatch?
  /// The request cannot be sent any further; an answer may still be there to be read.
  var isSendingBroken = false
  /// Why the call is to be ended in the next turn: for places that may not end it themselves.
  var failsSoon: HTTPFailure?

  init(call: Call, request: RequestWriter, answer: ResponseReader) {
    self.call = call
    self.request = request
    self.answer = answer
  }

  /// Whether the connection can serve another call now.
  var leavesConnectionUsable: Bool { answer.isComplete && answer.keepsAlive && request.isComplete }

  /// When to look at the call next.
  var nextLook: MonotonicInstant { min(call.deadline, speed?.next ?? call.deadline) }

  /// The answer, once it is complete.
  func response(now: MonotonicInstant, connectionReused: Bool, pool: BufferPool) -> HTTPResponse {
    HTTPResponse(
      status: answer.status, body: answer.body ?? pool.take(capacity: 0),
      headers: HTTPResponseHeaders(head: answer.head),
      timing: HTTPTiming(
        total: now - call.startedAt, bodyBytesSent: request.bodyBytesSent, connectionReused: connectionReused))
  }

  /// Lets go of the memory for the bodies, when the call has ended. Whoever ended it may hold the exchange for longer.
  func giveBackBodies() {
    call.request.body = .none
    request.giveBackBody()
    answer.giveBackBody()
  }

  /// A failure of the call.
  func failure(_ kind: HTTPFailure.Kind, code: Int32 = 0, _ detail: String) -> HTTPFailure {
    HTTPFailure(kind: kind, requestSent: request.mayHaveBeenExecuted, nativeCode: code, detail: detail)
  }
}
