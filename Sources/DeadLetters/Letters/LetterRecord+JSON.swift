internal import OCRContract

extension LetterRecord {
  /// One object without line breaks, with the name of the file that has the body, if there is one. Names and meanings
  /// stay as they are; new members may come.
  public func json(file: String? = nil) -> String {
    var writer = JSONWriter(reserving: 512)
    writer.beginObject()
    write(to: &writer)
    if let file { writer.member("file", file) }
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private func write(to writer: inout JSONWriter) {
    writer.member("id", name)
    writer.member("fingerprint", fingerprint?.text)
    writer.member("queue", queue)
    writer.member("cause", cause)
    writer.member("code", code)
    writer.member("message", message)
    writer.member("api", api)
    writer.member("user", user)
    writer.member("attempts", Int64(attempts))
    writer.member("first_failed_at_ms", firstFailedAt)
    writer.member("last_failed_at_ms", lastFailedAt)
    writer.member("replay_count", Int64(replayCount))
    writer.member("history", history)
    writer.member("backend", backend)
    writer.member("backend_code", backendCode)
    writer.member("message_id", messageID)
    writer.member("correlation_id", correlationID)
    writer.member("reply_to", replyTo)
    writer.member("deadline_ms", deadline)
    writer.member("content_type", contentType)
    writer.member("bytes", Int64(bytes))
    writer.member("origin_exchange", origin.exchange)
    writer.member("origin_routing_key", origin.routingKey)
    writer.member("origin_queue", origin.queue)
    writer.member("traceparent", traceparent)
  }
}

extension JSONWriter {
  mutating func member(_ name: String, _ text: String?) {
    self.name(name)
    if let text { string(text) } else { null() }
  }

  mutating func member(_ name: String, _ number: Int64?) {
    self.name(name)
    if let number { integer(number) } else { null() }
  }
}
