import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Results, byte for byte, by every way of reply.
  @Suite struct ReplyTests {
    enum Way: String, CaseIterable, Sendable {
      case ownQueue, direct, exchange, none
    }

    enum Form: String, CaseIterable, Sendable {
      case json, binary
    }

    /// Opens a mailbox for the way, and says what to write into `reply_to`.
    private func open(_ way: Way, _ stage: Stage) async throws -> (Mailbox, replyTo: String?) {
      switch way {
      case .ownQueue:
        let mailbox = try await stage.mailbox()
        return (mailbox, await mailbox.queue)
      case .direct: return (try await stage.mailbox(.direct), "amq.rabbitmq.reply-to")
      case .exchange:
        let setUp = try await stage.mailbox(.nothing)
        try await setUp.request(.declareExchange(name: "answers", kind: "direct"))
        return (try await stage.mailbox(.bound(exchange: "answers", key: "for/me")), "answers/for/me")
      case .none: return (try await stage.mailbox(.bound(exchange: ExchangeName.results, key: "general-text.ok")), nil)
      }
    }

    private func request(_ form: Form) -> (Request, asJSON: [UInt8]) {
      let image = TestPicture.png(seed: .random(in: 0..<1 << 24))
      let json = Array(#"{"image":"\#(Data(image).base64EncodedString())","detect_direction":true}"#.utf8)
      switch form {
      case .json: return (Request(api: "general-text", body: json, contentType: "application/json"), json)
      case .binary:
        var request = Request(api: "general-text", body: image, contentType: "image/png")
        request.properties.headers.append("ocr-options", .string(#"{"detect_direction":true}"#))
        return (request, json)
      }
    }

    @Test(arguments: Way.allCases, Form.allCases)
    func resultArrives(way: Way, form: Form) async throws {
      let stage = try await Stage.shared()
      let (mailbox, replyTo) = try await open(way, stage)
      var (request, asJSON) = request(form)
      let trace = "00-\(UUID().uuidString.lowercased().filter { $0 != "-" })-00f067aa0ba902b7-01"
      request.properties.headers.append("traceparent", .string(trace))
      try await request.send(by: mailbox, to: replyTo)
      let reply = await mailbox.reply(to: request.id)

      #expect(try await reply.body == stage.sandbox.answer("general-text", asJSON))
      #expect(reply.properties.type == "ocr.result.v1")
      #expect(reply.properties.contentType == "application/json")
      #expect(reply.properties.deliveryMode == (way == .direct ? 1 : 2))
      #expect(reply.properties.messageID?.isEmpty == false)
      #expect(reply.headers.string("ocr-api") == "general-text")
      #expect(reply.headers.integer("ocr-attempts") == 1)
      #expect(reply.headers.string("ocr-backend") == "huawei")
      #expect(reply.headers.integer("ocr-duration-ms") != nil)
      #expect(reply.headers.string("ocr-request-id")?.isEmpty == false)
      #expect(reply.headers.string("ocr-billed") == "true")
      #expect(reply.headers.string("traceparent") == trace)
      // The same picture reached the service, once through the relay and once without it.
      let calls = try await stage.sandbox.calls(of: "general-text")
      let hash = calls.first { $0.traceparent == trace }?.image_sha256
      #expect(hash != nil)
      #expect(calls.filter { $0.image_sha256 == hash }.map(\.outcome) == ["ok", "ok"])
    }

    @Test func sameRequestGetsTheSameMessageID() async throws {
      let mailbox = try await Stage.shared().mailbox()
      let request = Request.picture()
      let replies = [try await request.ask(mailbox), try await request.ask(mailbox)]
      #expect(replies[0].properties.messageID == replies[1].properties.messageID)
      #expect(replies[0].body == replies[1].body)
      #expect(try await Request.picture().ask(mailbox).properties.messageID != replies[0].properties.messageID)
    }

    @Test func missingIDsAreDerivedAndTold() async throws {
      let mailbox = try await Stage.shared().mailbox()
      var request = Request.picture()
      request.properties.messageID = nil
      request.properties.correlationID = nil
      try await request.send(by: mailbox, to: await mailbox.queue)
      let reply = await mailbox.message()
      let derived = try #require(reply.headers.string("ocr-derived-id"))
      #expect(reply.properties.correlationID == derived)
    }

    @Test func routingKeyNamesTheAPIWhereTheTypeIsMissing() async throws {
      let mailbox = try await Stage.shared().mailbox()
      var request = Request.picture(api: nil)
      request.properties.type = nil
      try await request.send(by: mailbox, to: await mailbox.queue, exchange: ExchangeName.requests, key: "web-image")
      #expect(await mailbox.reply(to: request.id).headers.string("ocr-api") == "web-image")
    }
  }
}
