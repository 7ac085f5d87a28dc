internal import OCRContract

/// A plan as lines of JSON: a head, one line for each letter, an end; behind them, what was done.
extension ReplayPlan {
  private static let version = "ocr-replay.v1"

  /// The lines of a plan of which nothing was done yet.
  func write(_ line: (String) throws(DeadLetterError) -> Void) throws(DeadLetterError) {
    try line(
      Self.object { writer in
        writer.member("plan", Self.version)
        writer.member("id", id)
        writer.member("created_at_ms", createdAt)
        writer.member("filter", filter)
        writer.member("place", place == .parked ? "parked" : "dead")
        writer.name("queues")
        writer.beginArray()
        for queue in queues { writer.string(queue) }
        writer.endArray()
      })
    for (letter, entry) in entries {
      try line(
        Self.object { writer in
          writer.member("letter", letter.text)
          writer.member("copies", Int64(entry.copies))
        })
    }
    try line(Self.object { $0.member("letters", Int64(letters)) })
  }

  /// What is written down after a letter was published and before it is taken out of its queue.
  static func publishedLine(_ letter: LetterID) -> String { object { $0.member("published", letter.text) } }

  /// What is written down when the canaries have lived.
  static var canaryLine: String { object { $0.member("canary", "passed") } }

  /// How a replayed request ended.
  static func outcomeLine(_ letter: LetterID, _ outcome: String) -> String {
    object { writer in
      writer.member("ended", letter.text)
      writer.member("outcome", outcome)
    }
  }

  /// Reads a plan and what was done of it. A last line that is cut off, as a kill leaves it, does not count.
  init(reading text: [UInt8]) throws(Invalid) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.removeLast()
    guard let first = lines.first, let head = try? JSONReader.read(first), head["plan"]?.text == Self.version,
      let id = head["id"]?.text, let filter = head["filter"]?.text, let place = head["place"]?.text,
      let queues = head["queues"]?.elements?.compactMap(\.text)
    else { throw Invalid(reason: "it is no replay plan") }
    self.init(
      id: id, createdAt: Int64(head["created_at_ms"]?.integer ?? 0), filter: filter,
      place: place == "parked" ? .parked : .dead)
    self.queues = queues
    var isWhole = false
    for (number, line) in lines.enumerated().dropFirst() {
      guard let value = try? JSONReader.read(line), take(value, &isWhole) else {
        throw Invalid(reason: "line \(number + 1) is none of a replay plan")
      }
    }
    guard isWhole else { throw Invalid(reason: "its end is missing") }
  }

  /// Why a file is no plan.
  struct Invalid: Error {
    var reason: String
  }

  private mutating func take(_ line: JSONValue, _ isWhole: inout Bool) -> Bool {
    if let text = line["letter"]?.text {
      guard let letter = LetterID(text: text), let copies = line["copies"]?.integer, copies > 0, !isWhole else {
        return false
      }
      entries[letter] = Entry(copies: copies)
    } else if let text = line["published"]?.text {
      guard let letter = LetterID(text: text), entries[letter] != nil else { return false }
      notePublished(letter)
    } else if line["canary"]?.text == "passed" {
      isCanaryPassed = true
    } else if let count = line["letters"]?.integer {
      isWhole = count == letters
      return isWhole
    } else {
      return line["ended"]?.text != nil
    }
    return true
  }

  private static func object(_ members: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    members(&writer)
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
