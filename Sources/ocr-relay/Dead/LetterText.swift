import DeadLetters
import OCRContract
import RelayCore

/// One letter as a person wants to read it: what happened, what to do, where it came from. Never what its picture says.
enum LetterText {
  static func lines(of letter: LetterRecord, picture: LetterPicture, now: Int64) -> [String] {
    var lines = ["\(letter.code) (\(letter.cause)), failed \(AgeText.since(letter.lastFailedAt, now: now)) ago"]
    if let message = letter.message { lines.append("  \(message)") }
    if let advice = letter.knownCode?.advice, advice != letter.message { lines.append("  \(advice)") }
    lines.append("")
    lines += facts(letter, now: now).map { "\($0.name)\(space(after: $0.name))\($0.value)" }
    lines += ["", description(picture)]
    return lines.map { PrintableText.of($0) }
  }

  private static let column = 16

  private static func space(after name: String) -> String {
    String(repeating: " ", count: max(1, column - name.count))
  }

  private static func facts(_ letter: LetterRecord, now: Int64) -> [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    add("message id", letter.messageID)
    add("fingerprint", letter.fingerprint.map { "#\($0.text)" })
    add("queue", letter.queue)
    add("api", letter.api)
    add("publisher", letter.user)
    add("calls", String(letter.attempts))
    add("first failed", letter.firstFailedAt.map { "\(AgeText.since($0, now: now)) ago" })
    add("ocr service", letter.backend.map { "\($0) \(letter.backendCode ?? "")" })
    add("replayed", letter.replayCount > 0 ? "\(letter.replayCount) times" : nil)
    add("earlier", letter.history)
    add("origin", origin(letter.origin))
    add("answer goes to", letter.replyTo ?? ExchangeName.results)
    add("correlation id", letter.correlationID)
    add("deadline", letter.deadline.map { $0 <= now ? "over" : "not over" })
    add("content type", letter.contentType)
    add("size", AgeText.size(letter.bytes))
    add("trace", letter.traceparent)
    add("other headers", letter.otherHeaders.joined(separator: ", "))
    if letter.isFromBroker { add("moved by", "the broker") }
    return facts
  }

  private static func origin(_ origin: LetterRecord.Origin) -> String {
    origin.exchange.isEmpty
      ? "straight to the queue \(origin.queue)"
      : "exchange \(origin.exchange), key \(origin.routingKey), queue \(origin.queue)"
  }

  private static func description(_ picture: LetterPicture) -> String {
    switch picture {
    case .file(let bytes, let kind):
      "picture: \(kind?.label ?? "no known format"), \(AgeText.size(bytes.count)); --save DIR writes it to a file"
    case .address(let host): "picture: at an address on \(host), which the OCR service fetches itself"
    case .none(let reason): "picture: none. \(reason)"
    }
  }
}
