import FoundationEssentials

/// What goes back to the caller, and how it is spoilt on the way.
struct Answer: Sendable {
  enum Delivery: Sendable, Equatable {
    case whole
    /// All headers, half of the body, then the connection closes.
    case half
    /// The connection is reset without an answer.
    case reset
  }

  var status: Int
  var body: [UInt8]
  var contentType = "application/json"
  var headers: [(name: String, value: String)] = []
  var delivery = Delivery.whole

  init(status: Int, json: JSONValue) {
    self.status = status
    body = Array(json.jsonText.utf8)
  }

  init(status: Int, text: String, contentType: String) {
    self.status = status
    body = Array(text.utf8)
    self.contentType = contentType
  }

  init(_ refusal: Refusal, requestID: String) {
    self.init(status: refusal.status, json: refusal.body(requestID: requestID))
  }
}
