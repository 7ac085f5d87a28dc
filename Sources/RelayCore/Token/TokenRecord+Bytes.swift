internal import OCRContract

/// The record as bytes, for stores outside of the process. They hold the token: seal them, or let nobody else read them.
extension TokenRecord {
  private static let version = 1
  private static let maximumBytes = 1 << 20

  /// The record as JSON.
  public func bytes() -> [UInt8] {
    var writer = JSONWriter(reserving: 6 << 10)
    writer.beginObject()
    writer.number("version", Self.version)
    writer.number("lastLease", lastLease)
    if let held { Self.write(held, &writer) }
    if let lease {
      writer.object("lease") { writer in
        writer.number("number", lease.number)
        writer.number("startedAt", lease.startedAt)
        writer.number("length", lease.length)
      }
    }
    if let block { Self.write(block, &writer) }
    writer.name("attempts")
    writer.beginArray()
    for attempt in attempts {
      writer.beginArray()
      writer.integer(attempt.lease)
      writer.integer(attempt.at)
      writer.endArray()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }

  /// Reads what ``bytes()`` made; nil when it is anything else.
  public init?(bytes: some Collection<UInt8>) {
    guard let json = try? JSONReader.read(bytes, limit: Self.maximumBytes), json["version"]?.integer == Self.version,
      let lastLease = json["lastLease"]?.unsigned, let attempts = json["attempts"]?.elements,
      attempts.count <= Self.maximumAttempts
    else { return nil }
    self.init()
    self.lastLease = lastLease
    for attempt in attempts {
      guard let pair = attempt.elements, pair.count == 2, let lease = pair[0].unsigned, let at = pair[1].signed else {
        return nil
      }
      self.attempts.append(Attempt(lease: lease, at: at))
    }
    guard readParts(of: json) else { return nil }
  }

  private mutating func readParts(of json: JSONValue) -> Bool {
    if let token = json["token"] {
      guard let held = Self.held(token) else { return false }
      self.held = held
    }
    if let value = json["lease"] {
      guard let number = value["number"]?.unsigned, let start = value["startedAt"]?.signed,
        let length = value["length"]?.signed, length >= 0
      else { return false }
      lease = Lease(number: number, startedAt: start, length: length)
    }
    if let value = json["block"] {
      guard let block = Self.block(value) else { return false }
      self.block = block
    }
    return true
  }

  private static func write(_ held: Held, _ writer: inout JSONWriter) {
    writer.object("token") { writer in
      writer.number("generation", held.generation)
      writer.text("text", held.contents.text.reveal())
      if let refresh = held.contents.refreshText { writer.text("refreshText", refresh.reveal()) }
      if let project = held.contents.projectID { writer.text("projectID", project) }
      writer.number("lifetime", held.contents.lifetime.wholeMilliseconds)
      writer.number("startedAt", held.startedAt)
      writer.name("isRefused")
      writer.bool(held.isRefused)
    }
  }

  private static func held(_ json: JSONValue) -> Held? {
    guard let generation = json["generation"]?.unsigned, let text = json["text"]?.text, !text.isEmpty,
      let lifetime = json["lifetime"]?.signed, lifetime >= 0, let start = json["startedAt"]?.signed,
      let isRefused = json["isRefused"]?.flag
    else { return nil }
    let contents = TokenContents(
      text: Secret(text), refreshText: json["refreshText"]?.text.map { Secret($0) }, projectID: json["projectID"]?.text,
      lifetime: .milliseconds(lifetime))
    return Held(generation: generation, contents: contents, startedAt: start, isRefused: isRefused)
  }

  private static func write(_ block: Block, _ writer: inout JSONWriter) {
    writer.object("block") { writer in
      writer.number("startedAt", block.startedAt)
      writer.number("length", block.length)
      writer.text("reason", block.reason.rawValue)
      writer.number("secretTag", block.secretTag)
    }
  }

  private static func block(_ json: JSONValue) -> Block? {
    guard let start = json["startedAt"]?.signed, let length = json["length"]?.signed, length >= 0,
      let reason = json["reason"]?.text.flatMap(TokenReply.BlockReason.init(rawValue:)),
      let tag = json["secretTag"]?.unsigned.flatMap(UInt16.init(exactly:))
    else { return nil }
    return Block(startedAt: start, length: length, reason: reason, secretTag: tag)
  }
}

extension JSONValue {
  fileprivate var unsigned: UInt64? { if case .number(let text) = self { UInt64(text) } else { nil } }
  fileprivate var signed: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
}

extension JSONWriter {
  fileprivate mutating func number(_ name: String, _ value: some BinaryInteger) {
    self.name(name)
    integer(value)
  }

  fileprivate mutating func text(_ name: String, _ value: String) {
    self.name(name)
    string(value)
  }

  fileprivate mutating func object(_ name: String, _ content: (inout JSONWriter) -> Void) {
    self.name(name)
    beginObject()
    content(&self)
    endObject()
  }
}
