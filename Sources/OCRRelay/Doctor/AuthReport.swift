/// What an examination of the credential has found, step by step.
public struct AuthReport: Sendable, Equatable {
  /// How a step ended.
  public enum Outcome: String, Sendable, CaseIterable {
    /// As it should.
    case fine
    /// The credential, or what belongs to it, is wrong: nothing changes until somebody mends it.
    case wrong
    /// The other side could not be reached or failed: it may pass.
    case unreachable
    /// Not tried.
    case skipped
  }

  /// One step.
  public struct Step: Sendable, Equatable {
    /// What was tried: `login`, `call`, `clock`.
    public var name: String
    /// How it ended.
    public var outcome: Outcome
    /// What was seen, without secrets.
    public var detail: String
    /// What to do about it, one sentence or more an item; empty when there is nothing to do.
    public var advice: [String]

    /// Describes a step.
    public init(_ name: String, _ outcome: Outcome, _ detail: String, advice: [String] = []) {
      self.name = name
      self.outcome = outcome
      self.detail = detail
      self.advice = advice
    }
  }

  /// Whose credential was examined, and against what.
  public var subject: [String]
  /// The steps in the order in which they were made.
  public var steps: [Step]

  /// Makes a report.
  public init(subject: [String], steps: [Step] = []) {
    self.subject = subject
    self.steps = steps
  }

  /// The worst that was found.
  public var outcome: Outcome {
    if steps.contains(where: { $0.outcome == .wrong }) { return .wrong }
    if steps.contains(where: { $0.outcome == .unreachable }) { return .unreachable }
    return steps.contains { $0.outcome == .skipped } ? .skipped : .fine
  }

  /// For people.
  public var text: String {
    var lines = subject + [""]
    let width = steps.map(\.name.count).max() ?? 0
    for step in steps {
      let name = step.name + String(repeating: " ", count: width - step.name.count)
      lines.append("\(Self.mark(step.outcome))  \(name)  \(step.detail)")
      lines += step.advice.map { String(repeating: " ", count: 13 + width) + $0 }
    }
    return (lines + ["", verdict]).joined(separator: "\n") + "\n"
  }

  private var verdict: String {
    switch outcome {
    case .skipped: "It was not tried whether the credential is right."
    case .fine: "The OCR service takes calls under this credential."
    case .wrong: "The relay cannot work with this credential yet. Nothing was charged."
    case .unreachable: "It could not be found out whether the credential is right: a service did not answer."
    }
  }

  private static func mark(_ outcome: Outcome) -> String {
    switch outcome {
    case .fine: "fine     "
    case .wrong: "WRONG    "
    case .unreachable: "NO ANSWER"
    case .skipped: "skipped  "
    }
  }
}
