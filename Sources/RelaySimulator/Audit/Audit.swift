internal import RelayCore

/// Watches a run and keeps book of it, without knowing how the relay decides; notes the first broken promise.
final class Audit {
  var now = 0
  var requests: [RequestBook]
  var deliveries: [DeliveryBook] = []
  var policy = RetryPolicy()
  var deliveryLimit = 20
  var prefetch = 1
  private var givenBackSinceStop: [Int: Int] = [:]
  /// Until when each relay begins no call, in milliseconds.
  private var quietUntil: [Int: Int] = [:]
  /// Until when each relay has results, by request, in milliseconds.
  var resultsUntil: [Int: [Int: Int]] = [:]
  var resultLifetime = 0
  /// Calls under way of each living relay, by request.
  var callsUnderWay: [Int: [Int: Int]] = [:]
  /// The shortest pause before a probe, in milliseconds.
  private static let shortestPause = 1_000
  /// Messages that exist, and requests that were not published yet.
  private(set) var unfinished: Int
  private(set) var finding: (promise: Violation.Promise, detail: String, time: Int)?
  var counts = RunCounts()
  private let promises: Set<Violation.Promise>

  init(requests: [RequestScript], promises: Set<Violation.Promise>) {
    self.promises = promises
    self.requests = requests.map { RequestBook(script: $0) }
    unfinished = requests.count
  }

  func expect(_ isKept: Bool, _ promise: Violation.Promise, _ detail: @autoclosure () -> String) {
    guard !isKept, finding == nil, promises.contains(promise) else { return }
    finding = (promise, detail(), now)
  }

  // MARK: Messages

  func requestConfirmed(_ request: Int) {
    requests[request].living += 1
  }

  func delivered(_ request: Int, past: Message.Past) {
    counts.deliveries += 1
    deliveries.append(DeliveryBook(request: request, past: past))
  }

  func retryDoubledByBroker(_ request: Int) {
    requests[request].forks += 1
    begins(request)
  }

  func relayStarted(_ relay: Int) {
    quietUntil[relay] = nil
    resultsUntil[relay] = nil
    callsUnderWay[relay] = nil
  }

  /// A relay heard of a failure that concerns everyone.
  func everyoneSuffers(_ relay: Int) {
    quietUntil[relay] = now + Self.shortestPause
  }

  /// A relay begins to call for a delivery.
  func begins(_ delivery: Int, _ relay: Int) {
    guard let end = quietUntil[relay] else { return }
    expect(now >= end, .everyoneWaits, "relay \(relay) calls for delivery \(delivery) \(end - now) ms too early")
  }

  /// A relay begins to work on a delivery.
  func taken(_ delivery: Int) {
    deliveries[delivery].isTaken = true
    guard let firstFailedAt = deliveries[delivery].past.firstFailedAt else { return }
    deliveries[delivery].isTooOld = .milliseconds(now - firstFailedAt) >= policy.giveUpAfter
  }

  /// The broker took an unsettled delivery back.
  func disrupted(_ delivery: Int) {
    let request = deliveries[delivery].request
    deliveries[delivery].isDisrupted = true
    requests[request].disruptions += 1
    if deliveries[delivery].calls > 0 { requests[request].disruptedCalls += 1 }
    counts.disruptions += 1
    if !deliveries[delivery].reached.isEmpty { fork(delivery) }
  }

  /// A relay puts a copy in the place of a delivery that may not come back again. The pauses that throttled calls demand are
  /// those of the relay; a delivery that is given back leaves them behind, too.
  func replaced(_ delivery: Int) {
    counts.replaced += 1
    if deliveries[delivery].throttled > 0 { deliveries[delivery].past.notBefore = 0 }
  }

  /// A relay ends a delivery as poison.
  func toldPoison(_ delivery: Int) {
    deliveries[delivery].isToldPoison = true
    let book = requests[deliveries[delivery].request]
    counts.toldPoison += 1
    if !book.script.isPoison { innocentIsPoison(book) }
  }

  /// A relay died of another message while it had this delivery.
  func struckByPoison(_ delivery: Int) {
    requests[deliveries[delivery].request].struckByPoison += 1
  }

  /// Only faults may bring a request from the point where relays cease to give it back to the limit.
  private func innocentIsPoison(_ book: RequestBook) {
    counts.innocentsPoisoned += 1
    expect(
      book.disruptions >= deliveryLimit - 1 - deliveryLimit / 2, .innocentsSurvive,
      "an innocent request became poison after \(book.givenBack) returns by relays and \(book.disruptions) faults")
    expect(
      book.struckByPoison <= Self.mostStrikes, .innocentsSurvive,
      "an innocent request was struck by poison \(book.struckByPoison) times")
  }

  /// A relay that starts meets the message that killed it before anything else, so others die beside it seldom.
  private static let mostStrikes = 10

  func poisoned(_ delivery: Int) {
    let request = deliveries[delivery].request
    expect(
      !deliveries[delivery].isTaken || deliveries[delivery].isToldPoison, .poisonIsTold,
      "request \(request) ended as poison though a relay had it last")
    let book = requests[request]
    requests[request].poisoned += 1
    counts.poisoned += 1
    if !book.script.isPoison { innocentIsPoison(book) }
    ends(request)
  }

  /// A relay takes no work any more. What it has may go back; a consumer that goes on would wear messages out.
  func stopped(_ relay: Int) {
    givenBackSinceStop[relay] = 0
  }

  private func givenBack(_ request: Int, by relay: Int) {
    let count = givenBackSinceStop[relay, default: 0] + 1
    givenBackSinceStop[relay] = count
    expect(
      count <= prefetch, .innocentsSurvive,
      "relay \(relay) gives \(count) deliveries back, with a prefetch of \(prefetch)")
    requests[request].givenBack += 1
    counts.mostGivenBack = max(counts.mostGivenBack, requests[request].givenBack)
  }

  func settlementSent(_ delivery: Int, _ settlement: Settlement, relay: Int) {
    let book = deliveries[delivery]
    guard settlement == .ack else {
      expect(
        book.required.isEmpty && book.calls <= book.throttled + (book.refusedToken == nil ? 0 : 1), .callsOnce,
        "delivery \(delivery) of request \(book.request) is given back after a call")
      return givenBack(book.request, by: relay)
    }
    expect(
      !book.required.isEmpty && book.required.isSubset(of: book.confirmed), .ackAfterConfirm,
      "delivery \(delivery) of request \(book.request): \(book.required) needed, \(book.confirmed) confirmed")
  }

  /// The broker applies a settlement to what its tag names.
  func settlementArrived(meant: Int, named: Int?, _ settlement: Settlement) {
    guard let named else { return expect(false, .noStaleAck, "delivery \(meant): its tag names nothing") }
    expect(
      named == meant, .noStaleAck,
      "delivery \(meant) of request \(deliveries[meant].request) settles that of request \(deliveries[named].request)")
    if settlement == .ack { ends(deliveries[named].request) }
  }

  // MARK: Copies

  /// The past of a message that comes of a delivery.
  func past(after delivery: Int) -> Message.Past {
    var past = deliveries[delivery].past
    past.attempts += deliveries[delivery].counted
    past.firstFailedAt = past.firstFailedAt ?? now
    return past
  }

  func sent(_ copy: Publication) {
    let book = deliveries[copy.delivery]
    expect(
      !book.underWay.contains(copy.kind) && !book.confirmed.contains(copy.kind), .duplicatesExplained,
      "\(copy.text) is published again without need")
    deliveries[copy.delivery].underWay.insert(copy.kind)
    guard copy.kind == .reply, !book.unknown.contains(.reply) else { return }
    deliveries[copy.delivery].replyPublishes += 1
    expect(book.replyPublishes < 3, .heldBriefly, "\(copy.text) is published \(book.replyPublishes + 1) times")
  }

  func published(_ copy: Publication) {
    let book = deliveries[copy.delivery]
    deliveries[copy.delivery].required.insert(copy.kind)
    if copy.kind == .parkedReply { deliveries[copy.delivery].required.remove(.reply) }
    expect(
      copy.attempts == book.past.attempts + book.counted, .attemptsCounted,
      "\(copy.text) names \(copy.attempts) attempts; there were \(book.past.attempts + book.counted)")
    expect(
      copy.attempts <= policy.maximumAttempts && hasRoom(copy, book), .attemptsCounted,
      "\(copy.text) after \(copy.attempts) of \(min(policy.maximumAttempts, book.allowed)) attempts")
  }

  /// A retry after a counted failure leaves room for one more attempt.
  private func hasRoom(_ copy: Publication, _ book: DeliveryBook) -> Bool {
    copy.kind != .retry || book.counted == 0 || copy.attempts < min(policy.maximumAttempts, book.allowed)
  }

  /// The broker's word about a copy came back to the relay.
  func heard(_ copy: Publication, _ result: PublishResult) {
    deliveries[copy.delivery].underWay.remove(copy.kind)
    if result == .confirmed { deliveries[copy.delivery].confirmed.insert(copy.kind) }
  }

  /// The connection of an unconfirmed copy is lost.
  func fateUnknown(_ copy: Publication) {
    deliveries[copy.delivery].underWay.remove(copy.kind)
    deliveries[copy.delivery].unknown.insert(copy.kind)
  }

  func reachedQueue(_ copy: Publication) {
    let book = deliveries[copy.delivery]
    let isRepeated = book.reached.contains(copy.kind)
    expect(
      !isRepeated || book.unknown.contains(copy.kind), .duplicatesExplained, "\(copy.text) is in its queue twice")
    deliveries[copy.delivery].reached.insert(copy.kind)
    if book.isDisrupted { fork(copy.delivery) }
    if copy.kind == .retry {
      begins(copy.request)
      counts.retries += 1
      if isRepeated { requests[copy.request].forks += 1 }
    } else {
      note(copy, isRepeated: isRepeated, isFirst: book.reached.isEmpty)
    }
  }

  private func note(_ copy: Publication, isRepeated: Bool, isFirst: Bool) {
    if isRepeated { counts.repeatedCopies += 1 }
    switch copy.kind {
    case .reply: counts.answers += 1
    case .parkedReply: counts.parked += 1
    default: counts.deadLetters += 1
    }
    guard isFirst else { return }
    requests[copy.request].ends += 1
    let book = requests[copy.request]
    expect(
      book.ends <= 1 + book.forks, .duplicatesExplained,
      "request \(copy.request) ended \(book.ends) times, with \(book.forks) reasons for a second time")
  }

  // MARK: Counting

  private func fork(_ delivery: Int) {
    guard !deliveries[delivery].isForked else { return }
    deliveries[delivery].isForked = true
    requests[deliveries[delivery].request].forks += 1
  }

  private func begins(_ request: Int) {
    requests[request].living += 1
    unfinished += 1
  }

  private func ends(_ request: Int) {
    requests[request].living -= 1
    unfinished -= 1
  }
}
