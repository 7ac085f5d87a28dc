extension Problem {
  /// Why bytes are not a problem document.
  public struct DecodingError: Error, Equatable, CustomStringConvertible {
    /// What is missing or wrong, and where.
    public let description: String

    init(_ description: String) { self.description = description }
  }

  /// Larger documents are refused.
  public static let maximumBytes = 1 << 20

  /// The document as compact JSON in UTF-8. All members are written, unknown ones as `null`; only `instance` is left
  /// out when there is none, because RFC 9457 wants a string there.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    writer.beginObject()
    writer.member("type", type)
    writer.member("title", title)
    writer.member("status", status)
    writer.member("detail", detail)
    if let instance { writer.member("instance", instance) }
    writer.member("code", code)
    writer.member("class", errorClass)
    writer.name("retryable")
    writer.bool(retryable)
    writer.member("retry_after_ms", retryAfter?.wholeMilliseconds)
    writer.member("attempts", attempts)
    writer.name("backend")
    if let backend { backend.write(to: &writer) } else { writer.null() }
    writer.member("dead_letter", deadLetter)
    writer.endObject()
    return writer.bytes
  }

  /// Reads what ``encoded()`` wrote, or what a newer version wrote: members it does not know are ignored.
  ///
  /// - Throws: when the bytes are not a JSON object in UTF-8, or a member that every problem has is missing.
  public init(decoding bytes: some Collection<UInt8>) throws(DecodingError) {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONReader.read(bytes, limit: Self.maximumBytes)
    } catch {
      throw DecodingError("The text is not JSON: \(error).")
    }
    guard document.members != nil else { throw DecodingError("The document is not a JSON object.") }
    self.type = try document.required("type", \.text)
    self.title = try document.required("title", \.text)
    self.status = try document.required("status", \.integer)
    self.detail = try document.required("detail", \.text)
    self.instance = document["instance"]?.text
    self.code = try document.required("code", \.text)
    self.errorClass = try document.required("class", \.text)
    self.retryable = try document.required("retryable", \.flag)
    self.retryAfter = document["retry_after_ms"]?.integer.map { .milliseconds($0) }
    self.attempts = try document.required("attempts", \.integer)
    self.backend = Backend(document["backend"])
    self.deadLetter = document["dead_letter"]?.text
  }
}

extension Problem.Backend {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("name", name)
    writer.member("code", code)
    writer.member("message", message)
    writer.member("http_status", httpStatus)
    writer.member("request_id", requestID)
    writer.name("billed")
    switch billed {
    case .yes: writer.bool(true)
    case .no: writer.bool(false)
    case .unknown: writer.null()
    }
    writer.endObject()
  }

  fileprivate init?(_ value: JSONValue?) {
    guard let value, value.members != nil else { return nil }
    let billed: Billed =
      switch value["billed"]?.flag {
      case true?: .yes
      case false?: .no
      case nil: .unknown
      }
    self.init(
      name: value["name"]?.text ?? "", code: value["code"]?.text, message: value["message"]?.text,
      httpStatus: value["http_status"]?.integer, requestID: value["request_id"]?.text, billed: billed)
  }
}

extension JSONValue {
  fileprivate func required<Value>(
    _ name: String, _ read: (JSONValue) -> Value?
  ) throws(Problem.DecodingError) -> Value {
    guard let member = self[name] else { throw Problem.DecodingError("The member \(name) is missing.") }
    guard let value = read(member) else { throw Problem.DecodingError("The member \(name) has the wrong type.") }
    return value
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: String, _ value: String?) {
    self.name(name)
    if let value { string(value) } else { null() }
  }

  fileprivate mutating func member(_ name: String, _ value: Int?) {
    self.name(name)
    if let value { integer(value) } else { null() }
  }
}
