#if FAILPOINTS
  internal import Glibc
  internal import Synchronization
#endif

/// Places where the process kills itself, as a power cut would, for proofs that nothing is lost there.
///
/// They exist in debug builds, and in release builds that were made with `OCR_RELAY_FAILPOINTS=1` in the environment. In
/// every other program each call is an empty function that the compiler removes, and the variable that arms a place
/// stops the start like any unknown setting. Armed by `OCR_RELAY_FAILPOINT=step[:nth]`: SIGKILL when the step is passed for the nth time;
/// or by `OCR_RELAY_FAILPOINT=poison:text`: SIGKILL when a request is worked on whose id begins with the text.
///
/// Isolation: any thread.
public enum Failpoint {
  /// Notes that a step was passed. Steps whose bytes leave at the end of the loop's turn kill there.
  @inlinable
  public static func pass(_ step: @autoclosure () -> FailpointStep) {
    #if FAILPOINTS
      passed(step())
    #endif
  }

  /// Notes that a request is worked on.
  @inlinable
  public static func work(on messageID: @autoclosure () -> String) {
    #if FAILPOINTS
      working(on: messageID())
    #endif
  }

  /// Notes that the loop has sent what the turn gathered.
  @inlinable
  public static func turnEnded() {
    #if FAILPOINTS
      sent()
    #endif
  }

  /// Whether this environment variable arms a place; never in a program without them.
  @inlinable
  public static func isArmed(by variable: String) -> Bool {
    #if FAILPOINTS
      return variable == Self.variable
    #else
      return false
    #endif
  }

  #if FAILPOINTS
    @usableFromInline static let variable = "OCR_RELAY_FAILPOINT"

    private struct Target {
      var step: FailpointStep
      var passing: Int
    }

    private static let poison = readPoison()
    private static let target = poison == nil ? readTarget() : nil
    private static let passings = Atomic(0)
    private static let isDue = Atomic(false)

    @usableFromInline static func passed(_ step: FailpointStep) {
      guard let target, target.step == step else { return }
      guard passings.wrappingAdd(1, ordering: .relaxed).newValue == target.passing else { return }
      if step.endsWithTurn { isDue.store(true, ordering: .relaxed) } else { die(target) }
    }

    @usableFromInline static func working(on messageID: String) {
      guard let poison, messageID.utf8.starts(with: poison.utf8) else { return }
      die("poison:\(poison)")
    }

    @usableFromInline static func sent() {
      guard let target, isDue.load(ordering: .relaxed) else { return }
      die(target)
    }

    private static func die(_ target: Target) { die("\(target.step.rawValue):\(target.passing)") }

    private static func die(_ what: String) {
      let line = "failpoint \(what)\n"
      _ = line.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      kill(getpid(), SIGKILL)
      // Another thread may run on until the signal is delivered; this one may not.
      while true { pause() }
    }

    private static func readPoison() -> String? {
      guard let text = getenv(variable).map({ String(cString: $0) }), text.hasPrefix("poison:") else { return nil }
      return String(text.dropFirst("poison:".count))
    }

    private static func readTarget() -> Target? {
      guard let text = getenv(variable) else { return nil }
      let words = String(cString: text).split(separator: ":", omittingEmptySubsequences: false)
      guard let step = words.first.flatMap({ FailpointStep(rawValue: String($0)) }), words.count <= 2,
        let passing = words.count == 2 ? Int(words[1]) : 1, passing > 0
      else {
        let steps = FailpointStep.allCases.map(\.rawValue).joined(separator: ", ")
        fatalError("Failpoint: \(variable) must be poison:text, or step[:nth] with one of \(steps)")
      }
      return Target(step: step, passing: passing)
    }
  #endif
}
