import OCRContract

/// Decides, before anything is paid for, whether a request can succeed, and how its body becomes that of the call.
///
/// A pure function of the message: no state, no I/O, callable from any thread. A body is read where it is and never
/// copied; only an error text allocates.
public struct RequestValidator: Sendable {
  /// The APIs that may be called.
  public let catalogue: APICatalogue
  /// The operator's decisions.
  public let policy: ValidationPolicy

  /// A validator for these APIs.
  public init(catalogue: APICatalogue, policy: ValidationPolicy = ValidationPolicy()) {
    self.catalogue = catalogue
    self.policy = policy
  }

  /// The plan for one request.
  ///
  /// - Parameters:
  ///   - request: the properties; read during the call only.
  ///   - body: the message body; read during the call only. Raw and unowned: it can have 12 MB and stays where the
  ///     connection put it.
  public func plan(
    _ request: RequestView, body: UnsafeRawBufferPointer
  ) throws(RequestRejection) -> RequestPlan {
    let api = try api(of: request)
    try checkEncoding(request.contentEncoding)
    guard !body.isEmpty else { throw RequestRejection(.bodyEmpty, "the message has no body") }
    switch MediaType(header: request.contentType) {
    case .json: return try planJSON(api, request, body)
    case .missing where startsObject(body): return try planJSON(api, request, body)
    case .image(let kind): return try planBinary(api, kind, request, body)
    case .missing:
      throw RequestRejection(.contentType, "content_type is missing, and the body is not a JSON object")
    case .unsupported:
      throw RequestRejection(
        .contentType,
        "content_type \"\(ASCII.printable(request.contentType))\" is not known; it is application/json or that of an "
          + "image, such as image/jpeg")
    }
  }

  /// The API that a request names, by `type` or else by its routing key.
  public func api(of request: RequestView) throws(RequestRejection) -> APIDescription {
    let name = request.type.isEmpty ? request.routingKey : request.type
    if let api = catalogue[bytes: name] { return api }
    guard !name.isEmpty else {
      throw RequestRejection(.apiMissing, "neither the property type nor the routing key names an API")
    }
    let shown = ASCII.printable(name)
    let hint = catalogue.nearest(to: shown).map { "; did you mean \"\($0)\"?" } ?? ""
    throw RequestRejection(.unknownAPI, "there is no API \"\(shown)\"\(hint)")
  }

  /// Many clients put the character set of their JSON there, or `binary`; neither changes the bytes.
  private func checkEncoding(_ encoding: UnsafeRawBufferPointer) throws(RequestRejection) {
    if encoding.isEmpty { return }
    let harmless: [StaticString] = ["utf-8", "identity", "binary", "utf8", "us-ascii"]
    guard !harmless.contains(where: { ASCII.isEqual(encoding, $0) }) else { return }
    throw RequestRejection(
      .contentEncoding, "content_encoding \"\(ASCII.printable(encoding))\" is not supported; send the body as it is")
  }

  private func startsObject(_ body: UnsafeRawBufferPointer) -> Bool {
    var cursor = JSONCursor(body)
    cursor.skipWhitespace()
    return cursor.peek == UInt8(ascii: "{")
  }

  private func planJSON(
    _ api: APIDescription, _ request: RequestView, _ body: UnsafeRawBufferPointer
  ) throws(RequestRejection) -> RequestPlan {
    guard body.count <= policy.maxBodyBytes else { throw tooLarge(body.count) }
    guard request.options.isEmpty else {
      throw RequestRejection(.optionsInvalid, "ocr-options goes with an image as the body; put parameters in the JSON")
    }
    let members: ScannedMembers
    do {
      members = try BodyScanner.scan(body)
    } catch {
      throw RequestRejection(.bodyNotJSON, error.text)
    }
    let checker = ParameterChecker(
      api: api, text: body, limits: policy.documentedLimits, place: "the body", mayCarryImage: true)
    let found = try checker.check(members)
    if let url = found.url { try checkURL(checker.bytes(url.value), url.escapes) }
    if let image = found.image, let limits = api.image {
      try ImageChecker(limits: limits, policy: policy).checkBase64(checker.bytes(image.value), escapes: image.escapes)
    }
    return RequestPlan(api: api, body: .forward, usesURL: found.url != nil)
  }

  private func checkURL(
    _ url: UnsafeRawBufferPointer, _ escapes: ScannedMember.Escapes
  ) throws(RequestRejection) {
    guard escapes != .none else { return try policy.url.check(url) }
    guard let plain = EscapedText.decoded(url, limit: policy.url.maxBytes + 1) else {
      throw RequestRejection(.urlInvalid, "url has an escape sequence outside of ASCII; percent-encode the character")
    }
    // Typed throws do not pass through the standard library's closures, so the result does.
    let result = plain.withUnsafeBytes { plain in
      Result { () throws(RequestRejection) in try policy.url.check(plain) }
    }
    try result.get()
  }

  private func planBinary(
    _ api: APIDescription, _ kind: ImageKind, _ request: RequestView, _ body: UnsafeRawBufferPointer
  ) throws(RequestRejection) -> RequestPlan {
    guard let limits = api.image else {
      throw RequestRejection(.contentType, "\(api.name) takes no image; send application/json")
    }
    let suffix = try suffix(for: api, options: request.options)
    let length = try ImageChecker(limits: limits, policy: policy).checkBinary(body, declared: kind)
    let plan = BodyPlan.base64(prefix: api.binaryPrefix, suffix: suffix, encodedLength: length)
    let total = plan.contentLength(bodyLength: body.count)
    guard total <= policy.maxBodyBytes else { throw tooLarge(total) }
    return RequestPlan(api: api, body: plan, usesURL: false)
  }

  /// What follows the base64 text: its quote, the members of `ocr-options` as they stand there, the closing brace.
  private func suffix(
    for api: APIDescription, options: UnsafeRawBufferPointer
  ) throws(RequestRejection) -> [UInt8] {
    let members: ScannedMembers
    do {
      members = options.isEmpty ? ScannedMembers() : try BodyScanner.scan(options)
    } catch {
      throw RequestRejection(.optionsInvalid, "the header ocr-options: \(error.text)")
    }
    let checker = ParameterChecker(
      api: api, text: options, limits: policy.documentedLimits, place: "the header ocr-options", mayCarryImage: false)
    _ = try checker.check(members)
    guard members.count > 0 else { return api.binarySuffix }
    var suffix = [UInt8(ascii: "\""), UInt8(ascii: ",")]
    suffix.append(contentsOf: options[members.bodyStart..<members.bodyEnd])
    return suffix
  }

  private func tooLarge(_ count: Int) -> RequestRejection {
    RequestRejection(.bodyTooLarge, "the request has \(count) bytes, at most \(policy.maxBodyBytes) are allowed")
  }
}
