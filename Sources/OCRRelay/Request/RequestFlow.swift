internal import AMQP
internal import EventLoop
internal import Failpoints
internal import Logging
internal import OCRContract
internal import RelayCore

/// One delivery on its way: carries out what its machine decides and feeds back what came of it.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop. The callbacks of the transports keep it alive.
final class RequestFlow {
  /// Strong on both sides while the request is in work: the pipeline lets go of it when it ends.
  let pipeline: Pipeline
  /// Its place among the requests in work; nil when it is none of them.
  var place: Int?
  let delivery: Delivery
  let request: IncomingRequest
  var plan: RequestPlan?
  var machine: RequestMachine
  var grant: CallGrant?
  /// The place among those who wait for a permit, and the permit of the call under way.
  var ticket: WaitingTicket?
  var permit: CallPermit?
  /// The lane that it came in, and the queue that it comes back to.
  let lane: Int
  let queue: String
  /// Whether it is moved to the overflow queue.
  var isSetAside = false
  /// Whether a call was refused for too many calls.
  var wasThrottled = false
  /// The result and the call that it comes from, once there is one.
  var result: (body: OutgoingMessage.Body, call: CallRecord)?
  /// Names the result, while this flow is the one that makes the call for it.
  var callKey: ResultKey?
  /// Copies that are being published, for publishing them again.
  var copies = Copies()
  /// Times that the answer was published, and the pause before the next one.
  var replyPublishes = 0
  var replyPause = Duration.zero
  /// What the last call took.
  private var callMilliseconds: Int64?
  /// Its spans, while they are recorded.
  let trace: RequestTrace?
  /// How the request is about to end, while somebody wants to know.
  var outcome: OutcomeNotice?
  private(set) var isFinished = false
  /// When the delivery came.
  let arrivedAt: MonotonicInstant

  struct Copies {
    var reply: OutgoingMessage?
    var deadLetter: OutgoingMessage?
    var retry: OutgoingMessage?
    var parkedReply: OutgoingMessage?
  }

  init(_ delivery: Delivery, pipeline: Pipeline) {
    self.delivery = delivery
    self.pipeline = pipeline
    arrivedAt = pipeline.now
    if let tracer = pipeline.tracer {
      var request = IncomingRequest(reading: delivery, now: WallClock.milliseconds())
      trace = tracer.begin(&request, delivery, arrivedAt: arrivedAt)
      self.request = request
    } else {
      request = IncomingRequest(reading: delivery, now: WallClock.milliseconds())
      trace = nil
    }
    lane = pipeline.consumer.queueIndex(of: delivery.envelope)
    queue = pipeline.queue(of: lane, request)
    machine = RequestMachine(attempts: request.attempts, policy: pipeline.settings.retry, age: request.age)
  }

  var id: DeliveryID { delivery.id }

  /// Whether nothing was begun for the delivery that would be lost by giving it back.
  var isUnstarted: Bool { machine.isUnstarted }

  // MARK: Steps

  /// Checks the request and takes the first step. `isWanted` tells that work is taken now; if not, a copy takes the
  /// place of the delivery unless the request is over at once.
  func start(isWanted: Bool) {
    let isPoison = delivery.wear == .nearlyPoison
    // First of all: even a typed error is a message in somebody's queue.
    if let target = request.replyTarget, !pipeline.settings.replies.allows(target, userID: request.userID) {
      return perform(machine.replyForbidden(RequestFailure(code: isPoison ? .poison : .replyForbidden)))
    }
    if isPoison { return perform(machine.rejected(RequestFailure(code: .poison))) }
    if let defect = delivery.defect { return perform(machine.rejected(Self.failure(of: defect))) }
    if let wait = request.remainingWait(at: WallClock.milliseconds()) { return perform(machine.tooEarly(by: wait)) }
    do throws(RequestRejection) {
      if let rejection = request.rejection { throw rejection }
      plan = try checked()
    } catch {
      return perform(machine.rejected(RequestFailure(error)))
    }
    Failpoint.pass(.validated)
    perform(isWanted ? machine.accepted(keepsResults: pipeline.results != nil) : machine.replaced())
  }

  /// Whether its call is under way.
  var isCalling: Bool {
    if case .calling = machine.state { true } else { false }
  }

  /// The consumer's connection is gone; nothing of this delivery counts any more, but the result of a call under way.
  func deliveryLost() {
    machine.deliveryLost()
    trace?.lost(self, at: pipeline.now)
    isFinished = true
    stopWaiting()
  }

  /// Gives the delivery back to the broker untouched, or puts a copy in its place when that was done too often.
  func putBack() {
    stopWaiting()
    if delivery.wear == .fresh { giveBack() } else { perform(machine.replaced()) }
  }

  private func giveBack() {
    machine.deliveryLost()
    isFinished = true
    pipeline.giveBack(self)
    endSharedCall(nil)
  }

  private func checked() throws(RequestRejection) -> RequestPlan {
    let result: Result<RequestPlan, RequestRejection> = delivery.withRequestView(options: request.options) { view in
      do throws(RequestRejection) {
        return .success(try pipeline.settings.validator.plan(view, body: delivery.body.bytes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// The API that the request names, also when the request is turned down for another reason.
  private var apiName: String? {
    if let plan { return plan.api.name }
    return delivery.withRequestView(options: []) { (try? pipeline.settings.validator.api(of: $0))?.name }
  }

  private static func failure(of defect: Delivery.Defect) -> RequestFailure {
    switch defect {
    case .malformedProperties:
      RequestFailure(code: .headerInvalid, detail: "The properties or headers of the message cannot be read.")
    case .oversizedBody(let size, let limit):
      oversized("The body has \(size) bytes; the relay takes at most \(limit).")
    }
  }

  /// The bytes of an oversized body were never kept; the broker still has them and dead-letters the delivery itself, as
  /// it does with everything that is rejected.
  private static func oversized(_ detail: String) -> RequestFailure {
    var failure = RequestFailure(code: .bodyTooLarge, detail: detail)
    failure.deadLetterQueue = ErrorClass.poison.deadLetterQueue
    return failure
  }

  // MARK: Actions

  func perform(_ action: RequestMachine.Action) {
    noteOutcome(action)
    trace?.note(action)
    switch action {
    case .none: break
    case .askForResult: askForResult()
    case .requestToken(let generation): requestToken(newerThan: generation)
    case .takePermit: takePermit()
    case .call: call()
    case .publishResult: publishResult()
    case .publishFailure(let failure): publishFailure(failure)
    case .publishDeadLetter(let failure): publishDeadLetter(failure)
    case .publishRetry(let pause, let attempts): publishRetry(pause, attempts: attempts)
    case .postpone(let pause, let attempts, let failure):
      pipeline.everyoneSuffers(failure)
      publishRetry(pause, attempts: attempts)
    case .parkReply: parkReply()
    case .parkFailure(let failure): parkFailure(failure)
    case .publishAgain(let copy): publishAgain(copy)
    case .acknowledge: acknowledge()
    }
    if machine.isDecided { endSharedCall(nil) }
  }

  private func requestToken(newerThan generation: TokenGeneration?) {
    if generation == nil, case .directReplyTo(let name) = request.replyTarget, let requesters = pipeline.requesters {
      return requesters.check(name) { [self] isThere in requesterWasChecked(isThere) }
    }
    withToken(newerThan: generation)
  }

  private func requesterWasChecked(_ isThere: Bool) {
    guard machine.state == .waitingForToken else { return }
    if isThere { return withToken(newerThan: nil) }
    pipeline.counters.requestersGone += 1
    perform(machine.requesterGone(RequestFailure(code: .replyUnroutable, detail: Self.requesterIsGone)))
  }

  private static let requesterIsGone =
    "The requester is gone: its direct reply-to address does not exist any more, so no call was made."

  private func withToken(newerThan generation: TokenGeneration?) {
    pipeline.tokens.withToken(newerThan: generation) { [self] result in
      switch result {
      case .success(let grant):
        guard pipeline.canPublish() else { return pipeline.whenPublishable { [self] in proceed(with: grant) } }
        proceed(with: grant)
      case .failure(let failure): perform(machine.tokenUnavailable(failure))
      }
    }
  }

  private func proceed(with grant: CallGrant) {
    self.grant = grant
    let action = machine.tokenArrived(grant.generation, deadlinePassed: isLate)
    if case .takePermit = action {} else { pipeline.tokens.wasNotUsed(grant.generation) }
    perform(action)
  }

  private func call() {
    guard let plan, let grant else { return }
    pipeline.noteCall(of: plan.api.name)
    Failpoint.pass(.permitTaken)
    Failpoint.work(on: request.messageID)
    let startedAt = pipeline.now
    // Passed on as it is where no span takes part: a copy would count the references of all its texts.
    if let trace {
      call(plan, grant, trace.calling(request, at: startedAt), startedAt: startedAt)
    } else {
      call(plan, grant, request, startedAt: startedAt)
    }
  }

  private func call(_ plan: RequestPlan, _ grant: CallGrant, _ request: IncomingRequest, startedAt: MonotonicInstant) {
    let remaining = request.deadline.map { Duration.milliseconds(max(1, $0 - WallClock.milliseconds())) }
    let generation = grant.generation
    pipeline.backend.call(plan, body: delivery.body, grant: grant, request: request, timeout: remaining) {
      [self] answer in answered(answer, generation, startedAt: startedAt)
    }
  }

  private func answered(_ answer: OCRBackend.Answer, _ generation: TokenGeneration, startedAt: MonotonicInstant) {
    if let trace, let plan { trace.called(answer, plan, attempt: machine.attempts + 1, at: pipeline.now) }
    Failpoint.pass(.answerReceived)
    pipeline.noteAnswer(answer.outcome, startedAt: startedAt)
    pipeline.tokens.callEnded(generation, answer.outcome)
    returnPermit(answer.outcome)
    if answer.reachedService { pipeline.serviceAnswered() }
    switch answer.outcome {
    case .success: succeeded(answer)
    case .failure(let failure): failed(failure, startedAt: startedAt)
    }
    pipeline.permits.serve()
  }

  private func failed(_ failure: CallFailure, startedAt: MonotonicInstant) {
    callMilliseconds = (pipeline.now - startedAt).saturatingNanoseconds / 1_000_000
    let action = machine.called(
      .failure(failure), isShared: pipeline.isShared(failure), later: pipeline.levelsLater(failure))
    perform(action)
  }

  private func publishResult() {
    guard let plan, let result else { return }
    pipeline.release(delivery)
    let message = pipeline.replies.result(request, api: plan.api.name, call: result.call, body: result.body)
    publishReply(message)
  }

  private func publishFailure(_ failure: RequestFailure) {
    // A request that is given up for what everyone suffers must not be followed by the next one at once.
    if failure.isShared, let call = failure.call { pipeline.everyoneSuffers(call) }
    let api = apiName
    pipeline.noteFailure(failure, api: api)
    publishReply(problem(failure, api: api))
    if failure.deadLetterQueue != nil { publishCopy(failure) }
  }

  private func problem(_ failure: RequestFailure, api: String?) -> OutgoingMessage {
    pipeline.replies.problem(
      request, api: api, failure: failure, attempts: machine.attempts, milliseconds: callMilliseconds)
  }

  private func publishDeadLetter(_ failure: RequestFailure) {
    pipeline.noteFailure(failure, api: apiName)
    publishCopy(failure)
  }

  private func publishCopy(_ failure: RequestFailure) {
    if case .oversizedBody = delivery.defect { return perform(machine.confirmed(.deadLetter)) }
    let copy = pipeline.copies(for: queue).deadLetter(
      delivery, request, failure: failure, attempts: machine.attempts, now: WallClock.milliseconds())
    copies.deadLetter = copy
    publish(copy, as: .deadLetter)
  }

  private func publishRetry(_ pause: RetryPause, attempts: Int) {
    let composer = pipeline.copies(for: queue)
    let copy =
      isSetAside
      ? composer.overflow(delivery, request, attempts: attempts)
      : composer.retry(delivery, request, pause: pause, attempts: attempts, now: WallClock.milliseconds())
    copies.retry = copy
    publish(copy, as: .retry)
  }

  private func parkReply() {
    guard let reply = copies.reply else { return }
    let parked = pipeline.replies.parked(reply)
    copies.parkedReply = parked
    publish(parked, as: .parkedReply)
  }

  private func parkFailure(_ failure: RequestFailure) {
    let api = apiName
    pipeline.noteFailure(failure, api: api)
    copies.reply = problem(failure, api: api)
    parkReply()
  }

  private func acknowledge() {
    isFinished = true
    trace?.ended(self, at: pipeline.now)
    tellOutcome()
    copies = Copies()
    if case .oversizedBody = delivery.defect { pipeline.settle(self, .reject) } else { pipeline.settle(self, .ack) }
  }
}

extension OCRBackend.Answer {
  /// Whether the service itself answered, with whatever result: the way to it is open.
  fileprivate var reachedService: Bool {
    switch outcome {
    case .success: true
    case .failure(let failure): failure.scope == .message && body != nil
    }
  }
}
