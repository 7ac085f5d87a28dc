public import OCRContract
public import RelayCore

/// One row of the error table: what an answer means and what to do about it.
public struct ErrorEntry: Sendable, Equatable {
  /// The table the code belongs to.
  public let domain: ErrorDomain
  /// The code as text; empty when the other side sends none.
  public let code: String
  /// HTTP statuses documented for the code; empty when none is.
  public let statuses: [Int]
  /// Phrases of which one must occur in the message; empty means that the message does not matter. `^` and `$` stand
  /// for its ends, `*` for any text.
  public let phrases: [String]
  /// The class; nil for codes that are results, or that need a look at the status.
  public let errorClass: ErrorClass?
  /// Whether and how to call again.
  public let retry: RetryRule
  /// Whether the request is kept in a dead-letter queue at the first such answer.
  public let deadLetter: Bool
  /// Who suffers.
  public let scope: FailureScope
  /// The least wait before the next call.
  public let minimumWait: Duration?
  /// Most attempts in all, the first included.
  public let maxAttempts: Int?
  /// For refusals of too many calls: of what there were too many.
  public let throttle: ThrottleNotice.Kind
  /// What to do, in one line.
  public let advice: String
}
