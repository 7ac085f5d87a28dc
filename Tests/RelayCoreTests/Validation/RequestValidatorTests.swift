import Foundation
import OCRContract
import RelayCore
import Testing

struct RequestValidatorTests {
  typealias Outcome = Result<RequestPlan, RequestRejection>

  private let png = SampleImage.named("PNG")

  private func plan(
    _ body: [UInt8], api: String = "page-text", routingKey: String = "", contentType: String = "application/json",
    encoding: String = "", options: String = "", policy: ValidationPolicy = ValidationPolicy()
  ) -> Outcome {
    let validator = RequestValidator(catalogue: SampleCatalogue.all, policy: policy)
    return RequestView.with(
      type: api, routingKey: routingKey, contentType: contentType, contentEncoding: encoding, options: options
    ) { view in
      body.withUnsafeBytes { body in
        Outcome { () throws(RequestRejection) in try validator.plan(view, body: body) }
      }
    }
  }

  private func plan(
    _ body: String, api: String = "page-text", policy: ValidationPolicy = ValidationPolicy()
  ) -> Outcome {
    plan(Array(body.utf8), api: api, policy: policy)
  }

  private func expect(
    _ code: ErrorCode, _ text: String, _ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    switch outcome {
    case .success(let plan): Issue.record("passed: \(plan.body)", sourceLocation: sourceLocation)
    case .failure(let rejection):
      #expect(rejection.code == code, "\(rejection.detail)", sourceLocation: sourceLocation)
      #expect(rejection.detail.contains(text), "\(rejection.detail)", sourceLocation: sourceLocation)
    }
  }

  // MARK: The API

  @Test func takesTheAPIFromTypeOrRoutingKey() throws {
    let body = Array("{\"url\":\"https://a.example/b\"}".utf8)
    #expect(try plan(body).get().api === SampleCatalogue.page)
    #expect(try plan(body, api: "", routingKey: "page-text").get().api === SampleCatalogue.page)
    #expect(try plan(body, routingKey: "document").get().api === SampleCatalogue.page)
    expect(.apiMissing, "routing key", plan(body, api: ""))
    expect(.unknownAPI, "did you mean \"page-text\"", plan(body, api: "Page_Texts"))
    expect(.unknownAPI, "there is no API \"invoice-of-doom\"", plan(body, api: "invoice-of-doom"))
    expect(.unknownAPI, "??", plan(body, api: "\u{7}\u{1B}"))
  }

  // MARK: JSON bodies

  @Test func forwardsWhatIsRight() throws {
    let image = try plan("{\"image\":\"\(png.base64)\",\"page\":2,\"new_option\":[1]}").get()
    #expect(image.body == .forward)
    #expect(!image.usesURL)
    #expect(image.body.contentLength(bodyLength: 77) == 77)
    #expect(try plan(#"{"url":"https:\/\/a.example\/b?x=1\u0026y=2"}"#).get().usesURL)
    #expect(try plan(#"{"number":"12"}"#, api: "check").get().body == .forward)
  }

  @Test(
    arguments: [
      ("{}", .imageMissing, "exactly one of \"image\" or \"url\", and has none"),
      (#"{"image":null,"url":null}"#, .imageMissing, "none"),
      (#"{"image":"","page":1}"#, .imageMissing, "empty"),
      (#"{"image":"QUJD","url":"https://a.example/"}"#, .imageAndURL, "has 2"),
      (#"{"image":"QUJD""#, .bodyNotJSON, "ends too early, at byte 15"),
      (#"{"image":7}"#, .optionsInvalid, "a string in \"image\" (byte 1)"),
      (#"{"URL":"http://127.0.0.1/","image":"QUJD"}"#, .optionsInvalid, "\"URL\"; did you mean \"url\"?"),
      (#"{"\u0075rl":"http://127.0.0.1/","image":"QUJD"}"#, .bodyNotJSON, "escape sequences"),
      (
        #"{"image":"QUJD","upright":"true"}"#, .optionsInvalid, "true or false, without quotes in \"upright\" (byte 16)"
      ),
      (#"{"image":"QUJD","upright":1}"#, .optionsInvalid, "true or false"),
      (#"{"image":"QUJD","language":"klingon"}"#, .optionsInvalid, #"one of "auto", "zh", "en" in "language""#),
      (#"{"image":"QUJD","language":"ZH"}"#, .optionsInvalid, "one of"),
      (#"{"image":"QUJD","language":["zh"]}"#, .optionsInvalid, "a string in \"language\""),
      (#"{"image":"QUJD","page":"2"}"#, .optionsInvalid, "a whole number, without quotes"),
      (#"{"image":"QUJD","page":2.0}"#, .optionsInvalid, "a whole number"),
      (#"{"image":"QUJD","page":0}"#, .optionsInvalid, "from 1 to 99"),
      (#"{"image":"QUJD","page":100}"#, .optionsInvalid, "from 1 to 99"),
      (#"{"image":"QUJD","page":99999999999999999999999}"#, .optionsInvalid, "from 1 to 99"),
      (#"{"image":"QUJD","scale":"1"}"#, .optionsInvalid, "a number"),
      (#"{"image":"QUJD","kinds":"PP"}"#, .optionsInvalid, "a list of strings"),
      (#"{"image":"QUJD","kinds":["PP",3]}"#, .optionsInvalid, "a list of strings"),
      (#"{"image":"QUJD","kinds":["PP","XX"]}"#, .optionsInvalid, #"each element one of "PP", "DL""#),
      (#"{"image":"QUJD","extra":[]}"#, .optionsInvalid, "an object"),
      (#"{"image":"data:image/png;base64,QUJD"}"#, .imageNotBase64, "data:"),
      (#"{"image":"QUJ"}"#, .imageNotBase64, "3 characters"),
      (#"{"image":"QU\nJDQUJD"}"#, .imageNotBase64, "9 characters"),
      (#"{"image":"QU\nJDQUJ"}"#, .imageNotBase64, "line break"),
      (#"{"image":"QU-_"}"#, .imageNotBase64, "URL-safe"), (#"{"image":"Q=JD"}"#, .imageNotBase64, "padding before"),
      (#"{"image":"QU*D"}"#, .imageNotBase64, "at character 2"), (#"{"image":"\u00e9AAA"}"#, .imageNotBase64, "escape"),
      (#"{"url":"ftp://a.example/b"}"#, .urlInvalid, "http"),
      (#"{"url":"http:\/\/127.0.0.1\/"}"#, .urlForbidden, "public"),
      (#"{"url":"https://\u0065xample.com/\u4e2d"}"#, .urlInvalid, "ASCII"),
    ] as [(String, ErrorCode, String)])
  func refusesWithAReason(_ body: String, _ code: ErrorCode, _ text: String) {
    expect(code, text, plan(body))
  }

  @Test func acceptsEveryRightValue() throws {
    for member in [
      #""upright":false"#, #""language":"zh""#, #""language":"\u007ah""#, #""language":null"#, #""title":"\u4e2d""#,
      #""page":99"#, #""scale":1"#, #""scale":-1.5e3"#, #""kinds":[]"#, #""kinds":[ "PP" , "D\u004c" ]"#,
      #""extra":{}"#,
    ] {
      #expect(throws: Never.self, "\(member)") { try plan("{\"image\":\"QUJD\",\(member)}").get() }
    }
  }

  @Test func checksGroupsAndRequiredParameters() {
    expect(.optionsInvalid, #"one of "template_id" or "classifier_id""#, plan(#"{"data":"QUJD"}"#, api: "document"))
    let both = #"{"data":"QUJD","template_id":"a","classifier_id":"b"}"#
    expect(.optionsInvalid, "has 2", plan(both, api: "document"))
    expect(.optionsInvalid, "lacks \"number\", which check requires", plan(#"{"code":"1"}"#, api: "check"))
    expect(.optionsInvalid, "lacks \"number\"", plan(#"{"number":null}"#, api: "check"))
  }

  @Test func leavesDocumentedLimitsToTheServiceOnRequest() throws {
    let policy = ValidationPolicy(documentedLimits: .leaveToService)
    let gif = SampleImage.named("GIF").base64
    let body = "{\"image\":\"\(gif)\",\"language\":\"new\",\"page\":1000,\"kinds\":[\"ZZ\"]}"
    #expect(throws: Never.self) { try plan(body, policy: policy).get() }
    expect(.optionsInvalid, "a whole number", plan("{\"image\":\"\(gif)\",\"page\":\"1\"}", policy: policy))
  }

  // MARK: Images in JSON

  @Test(arguments: SampleImage.all)
  func checksTheFormat(_ sample: SampleImage) {
    let outcome = plan("{\"image\":\"\(sample.base64)\"}")
    if SampleCatalogue.limits.formats.contains(ImageFormats(sample.kind)) {
      #expect(throws: Never.self) { try outcome.get() }
    } else {
      expect(.imageFormat, "is \(sample.kind.label); allowed are JPEG, PNG, BMP, TIFF", outcome)
    }
  }

  @Test func leavesUnknownFormatsToTheServiceUnlessTold() throws {
    #expect(throws: Never.self) { try plan("{\"image\":\"QUJDREVG\"}").get() }
    expect(
      .imageFormat, "no known format", plan("{\"image\":\"QUJDREVG\"}", policy: .init(unrecognisedImages: .reject)))
  }

  @Test(
    arguments: [
      (15, 15, nil, ""), (4096, 4096, nil, ""), (4096, 15, nil, ""),
      (14, 100, .imageTooSmall, "14 x 100 pixels, the shorter side must have at least 15"),
      (100, 14, .imageTooSmall, "100 x 14"), (4097, 100, .imageTooLarge, "4097 x 100"),
      (100, 4097, .imageTooLarge, "at most 4096"), (65535, 65535, .imageTooLarge, "at most 4096"),
      (0xFFFF_FFFF, 0xFFFF_FFFF, .imageTooLarge, "at most 4096"), (0, 100, .imageDamaged, "PNG header"),
    ] as [(UInt32, UInt32, ErrorCode?, String)])
  func checksTheSides(_ width: UInt32, _ height: UInt32, _ code: ErrorCode?, _ text: String) {
    let body = "{\"image\":\"\(Data(resized(width, height)).base64EncodedString())\"}"
    if let code {
      expect(code, text, plan(body))
    } else {
      #expect(throws: Never.self) { try plan(body).get() }
    }
  }

  @Test func checksThePixels() {
    func body(_ width: UInt32, _ height: UInt32) -> String {
      "{\"data\":\"\(Data(resized(width, height)).base64EncodedString())\",\"template_id\":\"a\"}"
    }
    #expect(throws: Never.self) { try plan(body(1000, 1000), api: "document").get() }
    expect(.imageTooLarge, "1001 x 1000 pixels, at most 1000000 in all", plan(body(1001, 1000), api: "document"))
    expect(.imageTooLarge, "at most 30000", plan(body(30_001, 30_001), api: "document"))
  }

  /// The sample PNG with another size in its header.
  private func resized(_ width: UInt32, _ height: UInt32) -> [UInt8] {
    var bytes = png.bytes
    withUnsafeBytes(of: width.bigEndian) { bytes.replaceSubrange(16..<20, with: $0) }
    withUnsafeBytes(of: height.bigEndian) { bytes.replaceSubrange(20..<24, with: $0) }
    return bytes
  }

  @Test func countsBase64WithoutItsEscapeSequences() {
    // 4000 characters are allowed; each slash takes two bytes in JSON, or six.
    for slash in ["\\/", "\\u002F", "\\u002f"] {
      func body(_ count: Int) -> String { "{\"image\":\"AAAA" + String(repeating: slash, count: count - 4) + "\"}" }
      #expect(throws: Never.self) { try plan(body(4000)).get() }
      expect(.imageTooLarge, "4004 bytes of base64, at most 4000", plan(body(4004)))
      expect(.imageNotBase64, "3999 characters", plan(body(3999)))
    }
    expect(.imageTooLarge, "4004", plan("{\"image\":\"" + String(repeating: "A", count: 4004) + "\"}"))
    expect(.imageTooLarge, "8000", plan("{\"image\":\"" + String(repeating: "A", count: 8000) + "\"}"))
    // A long text whose first escape sequence stands far behind the checked part.
    let late = String(repeating: "A", count: 200_000) + "\\/" + String(repeating: "A", count: 3)
    let outcome = plan("{\"data\":\"\(late)\",\"template_id\":\"a\"}", api: "document")
    #expect(throws: Never.self) { try outcome.get() }
    let odd = String(repeating: "A", count: 200_001)
    expect(.imageNotBase64, "200001", plan("{\"data\":\"\(odd)\",\"template_id\":\"a\"}", api: "document"))
  }

  @Test func seesThroughEscapeSequences() {
    let gif = SampleImage.named("GIF").base64.replacing("/", with: "\\/").replacing("+", with: "\\u002B")
    expect(.imageFormat, "GIF", plan("{\"image\":\"\(gif)\"}"))
    let jpeg = SampleImage.named("baseline JPEG").base64.replacing("/", with: "\\/")
    #expect(throws: Never.self) { try plan("{\"image\":\"\(jpeg)\"}").get() }
  }

  // MARK: Content type and encoding

  @Test(arguments: ["application/json", "Application/JSON; charset=utf-8", " application/json ;x=y", ""])
  func takesJSON(_ contentType: String) {
    let body = Array(" {\"image\":\"QUJD\"}".utf8)
    #expect(throws: Never.self) { try plan(body, contentType: contentType).get() }
  }

  @Test func refusesOtherContent() {
    let body = Array("{\"image\":\"QUJD\"}".utf8)
    for type in ["text/plain", "application/xml", "image/heic", "application/jsonx", "application/octet-stream"] {
      expect(.contentType, type, plan(body, contentType: type))
    }
    expect(.contentType, "missing", plan(png.bytes, contentType: ""))
    expect(.bodyEmpty, "no body", plan([]))
    for encoding in ["gzip", "GZIP", "deflate", "br", "utf-16"] {
      expect(.contentEncoding, encoding, plan(body, encoding: encoding))
    }
    for encoding in ["identity", "utf-8", "UTF-8", "binary"] {
      #expect(throws: Never.self) { try plan(body, encoding: encoding).get() }
    }
    expect(.optionsInvalid, "put parameters in the JSON", plan(body, options: "{\"page\":1}"))
    let policy = ValidationPolicy(maxBodyBytes: 15)
    expect(.bodyTooLarge, "16 bytes, at most 15", plan(body, policy: policy))
  }

  // MARK: Binary bodies

  @Test func wrapsABinaryBody() throws {
    for (options, suffix) in [
      ("", "\"}"), ("{}", "\"}"), (" { } ", "\"}"), ("{\"page\":3,\"x\":[1]}", "\",\"page\":3,\"x\":[1]}"),
      (" {\n\"upright\":true } ", "\",\n\"upright\":true }"),
    ] {
      let plan = try plan(png.bytes, contentType: "image/png", options: options).get()
      guard case .base64(let prefix, let end, let length) = plan.body else {
        Issue.record("not encoded")
        return
      }
      #expect(prefix == Array("{\"image\":\"".utf8))
      #expect(String(decoding: end, as: UTF8.self) == suffix)
      #expect(length == png.base64.utf8.count)
      #expect(plan.body.contentLength(bodyLength: png.bytes.count) == prefix.count + length + end.count)
      let json = prefix + Array(png.base64.utf8) + end
      let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
      #expect(object?["image"] as? String == png.base64)
    }
  }

  @Test func usesTheImageFieldOfTheAPI() throws {
    let options = "{\"template_id\":\"a\"}"
    let pdf = SampleImage.named("PDF").bytes
    let plan = try plan(pdf, api: "document", contentType: "application/pdf", options: options).get()
    guard case .base64(let prefix, _, _) = plan.body else {
      Issue.record("not encoded")
      return
    }
    #expect(prefix == Array("{\"data\":\"".utf8))
  }

  @Test(arguments: [
    ("{\"image\":\"QUJD\"}", "must not have \"image\""), ("{\"url\":\"https://a.example/\"}", "must not have \"url\""),
    ("{\"page\":\"1\"}", "the header ocr-options must have a whole number"), ("[]", "must be an object"),
    ("{\"page\":1", "ends too early"), ("{\"page\":1,\"page\":2}", "twice"), ("{\"Page\":1}", "did you mean \"page\""),
    ("{\"page\":1}{}", "follows the end"), ("null", "must be an object"),
  ])
  func checksTheOptions(_ options: String, _ text: String) {
    expect(.optionsInvalid, text, plan(png.bytes, contentType: "image/png", options: options))
  }

  @Test func checksTheBinaryImage() {
    expect(.contentType, "says JPEG, but the image is PNG", plan(png.bytes, contentType: "image/jpeg"))
    expect(.contentType, "is something else", plan(Array("hello".utf8), contentType: "image/png"))
    expect(.imageFormat, "PDF; allowed", plan(SampleImage.named("PDF").bytes, contentType: "application/pdf"))
    expect(.imageDamaged, "cut off", plan(Array(png.bytes.prefix(20)), contentType: "image/png"))
    expect(.contentType, "takes no image", plan(png.bytes, api: "check", contentType: "image/png"))
    let large = png.bytes + [UInt8](repeating: 0, count: 3001 - png.bytes.count)
    expect(.imageTooLarge, "3001 bytes, at most 3000", plan(large, contentType: "image/png"))
    let fitting = Array(large.dropLast())
    #expect(throws: Never.self) { try plan(fitting, contentType: "IMAGE/PNG; name=a").get() }
    let policy = ValidationPolicy(maxBodyBytes: 4000)
    expect(.bodyTooLarge, "4012 bytes", plan(fitting, contentType: "image/png", policy: policy))
    expect(.optionsInvalid, "classifier_id", plan(png.bytes, api: "document", contentType: "image/png"))
  }

  // MARK: Anything

  /// No body traps, and no error text repeats what stood in it.
  @Test func survivesAnyBody() {
    let seed = CheckRandom.seed("RequestValidator")
    var random = CheckRandom(seed: seed)
    let secret = "Q0FOQVJZ"
    let jpeg = SampleImage.named("baseline JPEG").base64.replacing("/", with: "\\/")
    let bodies = [
      "{\"image\":\"\(secret)\",\"language\":\"zh\",\"kinds\":[\"PP\",\"DL\"],\"page\":12}",
      "{\"url\":\"https://user.example/\(secret)?a=%20\",\"scale\":1.5,\"extra\":{\"a\":[]}}",
      "{\"image\":\"\(jpeg)\",\"upright\":false}",
    ].map { Array($0.utf8) }
    let types = ["application/json", "image/png", "", "application/pdf"]
    var passed = 0
    for round in 0..<20_000 {
      var body = bodies[round % bodies.count]
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      let type = types[round % 7 == 0 ? round % types.count : 0]
      switch plan(body, contentType: type) {
      case .success: passed += 1
      case .failure(let rejection): #expect(!rejection.detail.contains(secret), "seed \(seed)")
      }
    }
    #expect(passed > 1000)
  }
}
