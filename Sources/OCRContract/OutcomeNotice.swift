/// How a request ended, for whoever asked by the header `ocr-outcome-to`: never what was read.
///
/// It is a courtesy: sent once, after everything that the request promises is safe, without a confirm. A relay that is
/// killed at that moment sends none.
public struct OutcomeNotice: Sendable, Equatable {
  /// What ``outcome`` says of a request that was recognised.
  public static let success = "ok"

  /// The request's id, derived or its own.
  public var messageID: String
  /// ``success``, or the code of the error.
  public var outcome: String
  /// The queue that keeps the request, if one does.
  public var deadLetter: String?

  /// A notice.
  public init(messageID: String, outcome: String, deadLetter: String? = nil) {
    self.messageID = messageID
    self.outcome = outcome
    self.deadLetter = deadLetter
  }

  /// Reads a notice; nil when it is none.
  public init?(decoding body: some Collection<UInt8>) {
    guard let value = try? JSONReader.read(body, limit: 16 << 10), let messageID = value["message_id"]?.text,
      let outcome = value["outcome"]?.text
    else { return nil }
    self.init(messageID: messageID, outcome: outcome, deadLetter: value["dead_letter"]?.text)
  }

  /// The notice as JSON.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(reserving: 256)
    writer.beginObject()
    writer.name("message_id")
    writer.string(messageID)
    writer.name("outcome")
    writer.string(outcome)
    writer.name("dead_letter")
    if let deadLetter { writer.string(deadLetter) } else { writer.null() }
    writer.endObject()
    return writer.bytes
  }
}
