internal import OCRContract

/// One action of somebody, done or refused.
struct AuditEntry: Sendable, Equatable {
  /// Milliseconds since 1970.
  var at: Int64
  /// Who: as he calls himself, or as a proxy does.
  var who: String
  /// His role; empty when he has none.
  var role: String
  /// The address at the other end of the connection.
  var address: String
  /// What: login, replay, park, …
  var action: String
  /// With which letters.
  var what: String
  /// How many letters, as far as there are any.
  var letters: Int?
  /// `done`, `begun`, or why not.
  var outcome: String

  /// One line of JSON.
  var line: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("at_ms")
    writer.integer(at)
    for (name, text) in [
      ("who", who), ("role", role), ("address", address), ("action", action), ("what", what), ("outcome", outcome),
    ] {
      writer.name(name)
      writer.string(text)
    }
    if let letters {
      writer.name("letters")
      writer.integer(Int64(letters))
    }
    writer.endObject()
    return writer.bytes
  }

  /// Reads such a line; nil when it is none.
  init?(line: some Collection<UInt8>) {
    guard let value = try? JSONReader.read(Array(line)), let at = value["at_ms"]?.integer,
      let action = value["action"]?.text
    else { return nil }
    self.at = Int64(at)
    self.action = action
    who = value["who"]?.text ?? ""
    role = value["role"]?.text ?? ""
    address = value["address"]?.text ?? ""
    what = value["what"]?.text ?? ""
    outcome = value["outcome"]?.text ?? ""
    letters = value["letters"]?.integer
  }

  init(
    at: Int64, who: String, role: String, address: String, action: String, what: String = "", letters: Int? = nil,
    outcome: String
  ) {
    self.at = at
    self.who = who
    self.role = role
    self.address = address
    self.action = action
    self.what = what
    self.letters = letters
    self.outcome = outcome
  }
}
