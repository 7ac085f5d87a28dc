import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Every fault of the OCR service, once each: the request waits, is tried again and succeeds.
  @Suite(
    .sharedStage(relay: ["BACKEND_CONNECT_TIMEOUT_SECONDS": "2", "BACKEND_TOTAL_TIMEOUT_SECONDS": "2"]))
  struct FaultTests {
    struct Example: Sendable, CustomTestStringConvertible {
      var testDescription: String { fault }
      var fault: String
      /// Attempts that the answer reports: throttling and refused tokens are not counted against the request.
      var attempts: Int64
      /// Outcomes in the ledger, in order.
      var outcomes: [String]
    }

    static let examples: [Example] = [
      Example(
        fault: #""kind":"status","status":400,"code":"AIS.0105","message":"failed""#, attempts: 2,
        outcomes: ["fault", "ok"]),
      Example(
        fault: #""kind":"status","status":503,"code":"ModelArts.4302","message":"busy""#, attempts: 2,
        outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"status","status":500,"when":"after""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"delay","delay_ms":100"#, attempts: 1, outcomes: ["ok"]),
      Example(fault: #""kind":"hang""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"reset""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"truncate""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"invalid_json""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"html""#, attempts: 2, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"throttle","limit":1,"window_s":1"#, attempts: 1, outcomes: ["fault", "ok"]),
      Example(fault: #""kind":"expire_token""#, attempts: 1, outcomes: ["refused", "ok"]),
      Example(fault: #""kind":"revoke_token""#, attempts: 1, outcomes: ["refused", "ok"]),
    ]

    @Test(arguments: examples)
    func passes(_ example: Example) async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      let callsBefore = try await stage.sandbox.calls(of: "general-text").count
      try await stage.sandbox.add(fault: "{\(example.fault),\"times\":1,\"api\":\"general-text\"}")
      let request = Request.picture()
      let reply = try await request.ask(mailbox)
      #expect(reply.properties.type == MessageType.result, "\(String(decoding: reply.body, as: UTF8.self))")
      #expect(reply.headers.integer("ocr-attempts") == example.attempts)
      #expect(try await reply.body == stage.sandbox.answer("general-text", request.body))
      let calls = try await stage.sandbox.calls(of: "general-text").dropFirst(callsBefore)
      #expect(calls.map(\.outcome).dropLast() == example.outcomes[...])
      try await stage.sandbox.removeFaults()
    }

    @Test(arguments: [(400, "AIS.0105"), (503, "ModelArts.4302")])
    func lastAttemptEndsInATypedError(status: Int, code: String) async throws {
      let stage = try await Stage.make(relay: ["RETRY_MAX_ATTEMPTS": "1"])
      try await stage.sandbox.add(
        fault: #"{"kind":"status","status":\#(status),"code":"\#(code)","message":"failed"}"#)
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      let reply = try await request.ask(mailbox)
      let problem = try Problem(decoding: reply.body)
      #expect(problem.errorClass == ErrorClass.upstreamFailure.rawValue)
      #expect(problem.attempts == 1)
      #expect(problem.backend?.code == code)
      #expect(problem.backend?.httpStatus == status)
      let letter = try await stage.take(from: try #require(problem.deadLetter), request.id)
      #expect(letter.body == request.body)
      #expect(letter.headers.string("ocr-backend-code") == code)
      #expect(letter.headers.string("ocr-backend") == "huawei")
    }
  }
}
