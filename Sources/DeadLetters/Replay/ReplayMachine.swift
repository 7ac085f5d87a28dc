internal import OCRContract

/// When the next letter may go, and when no more may: pure decisions.
///
/// `canary` letters go first; the rest waits until all of them were recognised. From then on letters go until too many
/// have failed.
struct ReplayMachine {
  /// What to do before the next letter.
  enum Decision: Equatable {
    /// Send it.
    case send
    /// Wait until something was heard of a letter.
    case awaitOutcome
    /// The canaries have lived; note it, then ask again.
    case passCanary
    /// Send nothing more.
    case stop(ReplayResult.Stop)
  }

  private let options: ReplayOptions
  private(set) var result: ReplayResult
  private var isCanaryPassed: Bool
  private var pending: [LetterID: Int] = [:]
  private var canaryRecognised = 0
  private var canarySent = 0
  private var canaryDeath: String?
  private var isCanarySilent = false
  private var isStopped = false

  init(_ plan: ReplayPlan, _ options: ReplayOptions) {
    self.options = options
    isCanaryPassed = plan.isCanaryPassed || options.canaries == 0
    result = ReplayResult()
    result.planned = plan.letters
    result.sentBefore = plan.published
  }

  /// Letters of which an outcome may still come.
  var isAwaiting: Bool { !pending.isEmpty }

  /// What to do before the next letter.
  var decision: Decision {
    if isStopped { return .stop(.operatorStopped) }
    if let code = canaryDeath { return .stop(.canaryDied(code: code)) }
    if isCanarySilent { return .stop(.canarySilent) }
    if options.stopAfterFailures > 0, result.failures >= options.stopAfterFailures { return .stop(.failures) }
    if isCanaryPassed || canarySent < options.canaries { return .send }
    return canaryRecognised >= canarySent ? .passCanary : .awaitOutcome
  }

  /// Somebody wants no more to be sent.
  mutating func stopRequested() { isStopped = true }

  /// The canaries were recognised, and that is written down.
  mutating func canaryPassed() { isCanaryPassed = true }

  /// A letter was published, and a notice is to come.
  mutating func sent(_ letter: LetterID) {
    result.sent += 1
    if !isCanaryPassed { canarySent += 1 }
    pending[letter, default: 0] += 1
  }

  /// A letter that counted as sent was not published after all.
  mutating func unsent(_ letter: LetterID) {
    guard let count = pending[letter] else { return }
    pending[letter] = count > 1 ? count - 1 : nil
    result.sent -= 1
    if !isCanaryPassed { canarySent -= 1 }
  }

  /// A letter cannot be published and stays.
  mutating func notMoved(_ reason: String) { result.notMoved[reason, default: 0] += 1 }

  /// A relay tells how a letter ended. False when nothing was to be heard of it any more.
  mutating func ended(_ letter: LetterID, _ outcome: String) -> Bool {
    guard let count = pending[letter] else { return false }
    pending[letter] = count > 1 ? count - 1 : nil
    if outcome == OutcomeNotice.success {
      result.recognised += 1
      if !isCanaryPassed { canaryRecognised += 1 }
    } else {
      result.failedAgain[outcome, default: 0] += 1
      if !isCanaryPassed { canaryDeath = canaryDeath ?? outcome }
    }
    return true
  }

  /// Nothing was heard for too long, or nothing can be heard any more.
  mutating func silenceFell() {
    result.silent += pending.values.reduce(0, +)
    if !isCanaryPassed, !pending.isEmpty { isCanarySilent = true }
    pending.removeAll()
  }

  /// The run is over. `isComplete` tells that every queue was seen to its end, so that what was not found is gone.
  mutating func finish(isComplete: Bool, stop: ReplayResult.Stop?) -> ReplayResult {
    silenceFell()
    result.stop = stop
    if isComplete {
      let missing = result.remaining - result.notMoved.values.reduce(0, +)
      result.gone = max(0, missing)
    }
    return result
  }
}
