/// A bug put into the simulated relay on purpose, to see that the simulator finds it.
public enum PlantedBug: String, CaseIterable, Sendable {
  /// A delivery is acknowledged as soon as its answer is published.
  case ackBeforeConfirm = "ack-before-confirm"
  /// A delivery of a lost connection is acknowledged over the next one.
  case staleEpochAcked = "stale-epoch-acked"
  /// Attempt headers are believed in every message.
  case attemptHeaderTrusted = "attempt-header-trusted"
  /// A delivery is acknowledged as soon as its retry is published.
  case retryAckedEarly = "retry-acked-early"
  /// A refused token leads to a new call each time.
  case unauthorizedLoop = "unauthorized-loop"
  /// A returned answer counts as delivered.
  case returnIgnored = "return-ignored"
  /// Calls are made after the deadline.
  case deadlineIgnored = "deadline-ignored"
  /// A refused login is tried again with the next request.
  case refusedLoginRepeated = "refused-login-repeated"
  /// Everybody who waits for a token logs in.
  case loginStorm = "login-storm"
  /// Unconfirmed copies of a lost connection are forgotten.
  case unconfirmedForgotten = "unconfirmed-forgotten"
  /// A delivery is given back while its call is under way.
  case givenBackInCall = "given-back-in-call"
  /// A request that is given up for a failure that concerns everyone does not stop the others.
  case sharedFailureIgnored = "shared-failure-ignored"
  /// The wait that a failure demands is cut to that of the retry level.
  case demandedWaitCut = "demanded-wait-cut"
  /// Results are not kept for deliveries that come again.
  case resultsNotKept = "results-not-kept"
  /// An answer whose queue is gone is published for ever.
  case replyTriedForEver = "reply-tried-for-ever"
  /// A message that is nearly poison is worked on as any other.
  case poisonTaken = "poison-taken"
  /// A message that came back too often is given back as any other.
  case wornGivenBack = "worn-given-back"
  /// A relay that starts takes as many messages as ever.
  case startsAtFullSpeed = "starts-at-full-speed"
}
