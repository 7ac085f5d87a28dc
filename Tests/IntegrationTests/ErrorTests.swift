import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Requests that can never succeed: a typed error for the publisher, the original for the operator, no call.
  @Suite struct ErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var request: Request
      var code: ErrorCode
      var exchange = ""
      var key = QueueName.requests
      var api: String? = "general-text"
    }

    private static func json(_ image: [UInt8], _ more: String = "") -> String {
      #"{"image":"\#(Data(image).base64EncodedString())"\#(more)}"#
    }

    static let cases: [Case] = [
      Case(
        testDescription: "an unknown API through the exchange", request: .picture(api: nil), code: .unknownAPI,
        exchange: ExchangeName.requests, key: "no-such-api", api: nil),
      Case(
        testDescription: "an unknown API straight to the queue", request: .picture(api: "general-txt"),
        code: .unknownAPI, api: nil),
      Case(
        testDescription: "a picture that is too small", request: .json(json(TestPicture.png(width: 4, height: 4))),
        code: .imageTooSmall),
      Case(
        testDescription: "a damaged picture", request: .json(json(Array(TestPicture.png().prefix(20)))),
        code: .imageDamaged),
      Case(
        testDescription: "a damaged binary picture",
        request: Request(api: "general-text", body: Array(TestPicture.png().prefix(20)), contentType: "image/png"),
        code: .imageDamaged),
      Case(
        testDescription: "url and image",
        request: .json(json(TestPicture.png(), #","url":"https://pictures.example.com/a.png""#)), code: .imageAndURL),
      Case(testDescription: "bad base64", request: .json(#"{"image":"%%%%"}"#), code: .imageNotBase64),
      Case(testDescription: "no JSON", request: .json(#"{"image":"#), code: .bodyNotJSON),
      Case(
        testDescription: "a private address", request: .json(#"{"url":"http://169.254.169.254/latest"}"#),
        code: .urlForbidden),
    ]

    @Test(arguments: cases)
    func typedErrorAndDeadLetter(_ example: Case) async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      let callsBefore = try await stage.sandbox.calls().count
      var request = example.request
      request.properties.headers.append("own-header", .int64(7))
      try await request.send(by: mailbox, to: await mailbox.queue, exchange: example.exchange, key: example.key)
      let reply = await mailbox.reply(to: request.id)

      let errorClass = example.code.errorClass
      let problem = try Problem(decoding: reply.body)
      #expect(problem.code == example.code.rawValue)
      #expect(problem.errorClass == errorClass.rawValue)
      #expect(problem.deadLetter == "ocr.dead.\(errorClass.rawValue)")
      #expect(problem.attempts == 0)
      #expect(reply.properties.type == "ocr.error.v1")
      #expect(reply.properties.contentType == "application/problem+json")
      #expect(reply.headers.string("ocr-billed") == "false")
      #expect(reply.headers.string("ocr-api") == example.api)

      let letter = try await stage.take(from: "ocr.dead.\(errorClass.rawValue)", request.id)
      #expect(letter.body == request.body)
      #expect(letter.properties.messageID == request.properties.messageID)
      #expect(letter.properties.type == request.properties.type)
      #expect(letter.properties.contentType == request.properties.contentType)
      #expect(letter.properties.replyTo == (await mailbox.queue))
      #expect(letter.headers.integer("own-header") == 7)
      #expect(letter.headers.string("ocr-error-code") == example.code.rawValue)
      #expect(letter.headers.string("ocr-error-class") == errorClass.rawValue)
      #expect(letter.headers.string("ocr-error-message")?.isEmpty == false)
      #expect(letter.headers.integer("ocr-attempts") == 0)
      #expect(letter.headers.integer("ocr-first-failed-at") != nil)
      #expect(letter.headers.integer("ocr-last-failed-at") != nil)
      #expect(letter.headers.string("ocr-origin-queue") == QueueName.requests)
      #expect(letter.headers.string("ocr-origin-routing-key") == example.key)
      #expect(letter.headers.integer("ocr-replay-count") == 0)
      #expect(letter.headers.encodedSize < 8_192)
      #expect(try await stage.sandbox.calls().count == callsBefore)
    }

    /// Its bytes are never kept by the relay, so the broker moves the message.
    @Test func oversizedBodyIsAnsweredAndKept() async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      let request = Request(
        api: "general-text", body: [UInt8](repeating: 0x20, count: 13 << 20), contentType: "application/json")
      let reply = try await request.ask(mailbox)
      let problem = try Problem(decoding: reply.body)
      #expect(problem.code == ErrorCode.bodyTooLarge.rawValue)
      let queue = try #require(problem.deadLetter)
      let letter = try await stage.take(from: queue, request.id)
      #expect(letter.body == request.body)
      #expect(letter.properties.messageID == request.properties.messageID)
      #expect(try await Request.picture().ask(mailbox).properties.type == "ocr.result.v1")
    }

    @Test func forbiddenReplyTargetIsNeitherAnsweredNorPaid() async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      try await mailbox.request(.declareQueue(.init("somebody-elses", arguments: ["x-queue-type": .string("quorum")])))
      let callsBefore = try await stage.sandbox.calls().count
      for target in ["somebody-elses", "ocr.requests", "amq.topic/any", "ocr.dead/poison"] {
        let request = Request.picture()
        try await request.send(by: mailbox, to: target)
        let letter = try await stage.take(from: "ocr.dead.reply_forbidden", request.id)
        #expect(letter.headers.string("ocr-error-code") == ErrorCode.replyForbidden.rawValue)
        #expect(letter.body == request.body)
      }
      #expect(try await stage.sandbox.calls().count == callsBefore)
      #expect(try await stage.waiting(in: "somebody-elses") == 0)
      #expect(try await stage.waiting(in: QueueName.requests) == 0)
    }

    @Test func answerWithoutItsQueueIsParked() async throws {
      let stage = try await Stage.shared()
      let request = Request.picture()
      try await request.send(by: try await stage.mailbox(.nothing), to: "ocr.reply.gone")
      let answer = try await stage.take(from: QueueName.unroutable, request.id)
      #expect(answer.body == (try await stage.sandbox.answer("general-text", request.body)))
      #expect(answer.properties.type == "ocr.result.v1")
      #expect(answer.headers.string("ocr-origin-routing-key") == "ocr.reply.gone")
      #expect(answer.headers.string("ocr-origin-exchange") == "")
    }

    @Test func lateRequestIsNotPaid() async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      let callsBefore = try await stage.sandbox.calls().count
      var request = Request.picture()
      request.properties.headers.append("ocr-deadline", .int64(1_600_000_000_000))
      let problem = try Problem(decoding: try await request.ask(mailbox).body)
      #expect(problem.code == ErrorCode.deadlineExceeded.rawValue)
      #expect(problem.deadLetter == nil)
      #expect(try await stage.sandbox.calls().count == callsBefore)
    }
  }
}
