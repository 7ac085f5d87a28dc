import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Several queues of requests, one rate for all of them; and publishers that send too much.
  @Suite struct LaneTests {
    private static let lanes = ["AMQP_LANES": "ocr.requests=3, ocr.requests.bulk=1"]

    @Test func aLaneIsReachedByItsQueueAndItsExchange() async throws {
      let stage = try await Stage.make(relay: Self.lanes)
      let mailbox = try await stage.mailbox()
      let targets = [
        ("", "ocr.requests.bulk"), ("ocr.requests.bulk", "general-text"), ("ocr.requests", "general-text"),
      ]
      for (exchange, key) in targets {
        let request = Request.picture()
        try await request.send(by: mailbox, to: await mailbox.queue, exchange: exchange, key: key)
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
    }

    /// A request that is tried again comes back to its lane, and a dead letter says which that was.
    @Test func requestsStayInTheirLane() async throws {
      let stage = try await Stage.make(relay: Self.lanes.merging(["RETRY_MAX_ATTEMPTS": "2"]) { $1 })
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"status","status":500,"code":"ModelArts.4302","message":"busy"}"#)
      let request = Request.picture()
      try await request.send(by: mailbox, to: await mailbox.queue, key: "ocr.requests.bulk")
      let reply = await mailbox.reply(to: request.id)
      #expect(reply.headers.integer("ocr-attempts") == 2)
      let letter = try await stage.take(from: "ocr.dead.upstream_failure", request.id)
      #expect(letter.headers.string("ocr-origin-queue") == "ocr.requests.bulk")
    }

    @Test func aFullLaneDelaysNoOther() async throws {
      let stage = try await Stage.make(relay: Self.lanes.merging(["RATE_LIMITS": "10/1s"]) { $1 })
      let mailbox = try await stage.mailbox()
      for _ in 0..<150 {
        try await Request.picture(api: "web-image").send(
          by: mailbox, to: await mailbox.queue, key: "ocr.requests.bulk")
      }
      let urgent = (0..<5).map { _ in Request.picture() }
      for request in urgent { try await request.send(by: mailbox, to: await mailbox.queue) }
      for request in urgent { #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result) }
      let bulk = try await stage.sandbox.calls(of: "web-image").count
      #expect(bulk < 150, "all of the full lane came first")
    }

    /// The relay takes ten requests at a time; the one behind fifty others is called long before them.
    @Test func nobodyWaitsBehindAFlood() async throws {
      let settings = [
        "AMQP_OVERFLOW_QUEUE": "ocr.requests.overflow", "AMQP_PREFETCH": "10", "RATE_LIMITS": "10/1s",
      ]
      let stage = try await Stage.make(relay: settings)
      let mailbox = try await stage.mailbox()
      let flood = (0..<100).map { _ in
        var request = Request.picture(api: "web-image")
        request.properties.userID = "guest"
        return request
      }
      for request in flood { try await request.send(by: mailbox, to: await mailbox.queue) }
      let other = Request.picture()
      try await other.send(by: mailbox, to: await mailbox.queue)
      #expect(await mailbox.reply(to: other.id).properties.type == MessageType.result)
      #expect(try await stage.waiting(in: "ocr.requests.overflow") > 0)
      for request in flood {
        let reply = await mailbox.reply(to: request.id)
        #expect(reply.properties.type == MessageType.result)
        #expect(reply.headers.integer("ocr-attempts") == 1)
      }
      #expect(try await stage.sandbox.calls(of: "web-image").count == 100)
      #expect(try await stage.waiting(in: "ocr.requests.overflow") == 0)
    }
  }
}
