import Logging
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import EventLoop
@testable import OCRRelay

/// The first step of a delivery, in a pipeline whose connections are never opened: what is published waits.
struct RequestFlowTests {
  private final class Bench {
    let parts: RelayWorker.Parts

    init(_ change: (inout RelayConfiguration) -> Void = { _ in }) throws {
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      var configuration = RelayConfiguration()
      // What another run has left of a login on this machine is no part of the test.
      configuration.auth.store = .memory
      change(&configuration)
      parts = try RelayWorker.Parts(configuration, commons: nil, reactor: Reactor(), logger: logger)
    }

    /// What is published after a delivery.
    func deliver(_ sample: SampleDelivery) -> [OutgoingMessage] {
      parts.consumer.onDelivery(sample.make())
      return parts.publisher.unsent
    }
  }

  private static func sample(replyTo: String) -> SampleDelivery {
    var sample = SampleDelivery()
    (sample[.replyTo], sample[.messageID], sample[.contentType]) = (replyTo, "m", "application/json")
    return sample
  }

  /// Requests that can never succeed, each for another reason.
  static let broken: [@Sendable (inout SampleDelivery) -> Void] = [
    { $0.defect = .oversizedBody(size: 1 << 40, limit: 1) },
    { $0.header(.deadline, "soon") },
    { $0.header("ocr-options", "F", SampleDelivery.long([])) },
    { $0.body = [] },
    { $0.routingKey = "no-such-api" },
  ]

  @Test(arguments: broken.indices, ["victim", "ocr.requests", "ocr.dead.poison", "amq.topic/any"])
  func aForbiddenReplyTargetIsToldNothing(_ index: Int, _ target: String) throws {
    var sample = Self.sample(replyTo: target)
    Self.broken[index](&sample)
    let published = try Bench().deliver(sample)
    let isOversized = sample.defect != nil
    #expect(published.allSatisfy { $0.exchange == ExchangeName.dead }, "nothing is written into somebody else's queue")
    #expect(published.count == (isOversized ? 0 : 1), "the broker keeps an oversized one itself")
  }

  @Test(arguments: broken.indices)
  func anAllowedReplyTargetIsToldWhatIsWrong(_ index: Int) throws {
    var sample = Self.sample(replyTo: "ocr.reply.me")
    Self.broken[index](&sample)
    let published = try Bench().deliver(sample)
    #expect(published.first?.properties.type == MessageType.error && published.first?.routingKey == "ocr.reply.me")
    #expect(published.dropFirst().map(\.exchange) == (sample.defect == nil ? [ExchangeName.dead] : []))
  }

  @Test func anInvalidReplyTargetIsAnsweredOnTheResultsExchange() throws {
    let published = try Bench().deliver(Self.sample(replyTo: "/key"))
    #expect(published.map(\.exchange) == [ExchangeName.results, ExchangeName.dead])
  }

  @Test func aRequestThatIsTooEarlyGoesBackToALevelWithoutACall() throws {
    var sample = Self.sample(replyTo: "ocr.reply.me")
    sample.exchange = ExchangeName.retryIn
    sample[.type] = "general-text"
    sample.header(.notBefore, WallClock.milliseconds() + 7_200_000)
    let bench = try Bench()
    #expect(bench.deliver(sample).map(\.exchange) == [ExchangeName.retry])
    #expect(bench.parts.pipeline.counters.calls == 0)
    #expect(bench.parts.pipeline.inFlight == 1, "acknowledged only when the copy is confirmed")
  }

  // MARK: Poison

  private static func poison(_ count: Int64, isRedelivered: Bool = true, replyTo: String = "ocr.reply.me")
    -> SampleDelivery
  {
    var sample = sample(replyTo: replyTo)
    sample.header("x-delivery-count", "l", SampleDelivery.bytes(count))
    sample.isRedelivered = isRedelivered
    return sample
  }

  @Test(arguments: [19, 20, 21, Int64.max])
  func whoeverSentPoisonIsTold(_ count: Int64) throws {
    let published = try Bench().deliver(Self.poison(count))
    #expect(published.map(\.exchange) == ["", ExchangeName.dead])
    #expect(published.last?.routingKey == ErrorClass.poison.rawValue)
    #expect(try Problem(decoding: published[0].bytes).code == ErrorCode.poison.rawValue)
  }

  @Test(arguments: [18, 0, -1, Int64.min])
  func beforeThatARequestIsWorkedOn(_ count: Int64) throws {
    let bench = try Bench()
    #expect(bench.deliver(Self.poison(count)).isEmpty)
    #expect(bench.parts.pipeline.inFlight == 1)
  }

  // MARK: Pauses

  private static func worn(_ count: Int64) -> SampleDelivery {
    var sample = poison(count)
    (sample[.type], sample[.contentType]) = ("general-text", "application/json")
    sample.body = Array(#"{"url":"https://pictures.example.com/1"}"#.utf8)
    return sample
  }

  /// Before the pause or in it: what came back often takes the way of a retry, the rest goes back as it is.
  @Test(arguments: [9, 10, 18] as [Int64], [true, false])
  func aPauseDoesNotMakePoison(_ count: Int64, _ isBefore: Bool) throws {
    let bench = try Bench()
    let exchanges = count < 10 ? [] : [ExchangeName.retry]
    if isBefore { #expect(bench.deliver(Self.worn(count)).isEmpty) }
    bench.parts.pipeline.stopTakingWork()
    let published = isBefore ? bench.parts.publisher.unsent : bench.deliver(Self.worn(count))
    #expect(published.map(\.exchange) == exchanges)
    #expect(
      published.allSatisfy { $0.properties.headers.integer("ocr-attempts") == 0 && $0.routingKey.hasPrefix("2s") })
    #expect(bench.parts.pipeline.inFlight == exchanges.count, "acknowledged only when the copy is confirmed")
    #expect(bench.parts.pipeline.counters.calls == 0)
  }

  /// The first of them would call as soon as its answer had a way; the others wait for its call. When it leaves, none of
  /// them may call in its place.
  @Test(arguments: [true, false])
  func whoWaitsForACallDoesNotMakeItInAPause(_ isConnectionLost: Bool) throws {
    let bench = try Bench {
      $0.auth.kind = .bearer
      $0.auth.bearerKey = Secret("a-key-of-tests")
    }
    let pipeline = bench.parts.pipeline
    pipeline.canPublish = { false }
    for tag in 1...9 as ClosedRange<UInt64> {
      var sample = Self.worn(0)
      sample.tag = tag
      #expect(bench.deliver(sample).isEmpty)
    }
    #expect(pipeline.inFlight == 9 && pipeline.waitingCount == 1)
    pipeline.canPublish = { true }
    pipeline.permits.canPublish = { true }
    if isConnectionLost { bench.parts.consumer.onLost() } else { pipeline.stopTakingWork() }
    #expect(pipeline.inFlight == 0)
    #expect(pipeline.counters.calls == 0)
  }

  /// It needs no call, so it ends now.
  @Test func aBrokenRequestEndsInAPauseToo() throws {
    var sample = Self.worn(18)
    sample.body = []
    let bench = try Bench()
    bench.parts.pipeline.stopTakingWork()
    #expect(bench.deliver(sample).map(\.exchange) == ["", ExchangeName.dead])
  }

  @Test func aPublisherCannotClaimDeliveries() throws {
    #expect(try Bench().deliver(Self.poison(20, isRedelivered: false)).isEmpty)
  }

  @Test func poisonWithAForbiddenReplyTargetIsKeptOnly() throws {
    let published = try Bench().deliver(Self.poison(20, replyTo: "victim"))
    #expect(published.map(\.routingKey) == [ErrorClass.poison.rawValue])
  }
}
