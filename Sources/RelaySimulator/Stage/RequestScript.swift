/// A request of a run: what its publisher writes into it, and what the OCR service makes of it.
struct RequestScript {
  var arrival: Int
  /// After it no call may be made; milliseconds of the run.
  var deadline: Int?
  var target: Target
  /// The value of an attempt header that the publisher has no right to set.
  var forgedAttempts: Int?
  /// A header that would make the relay wait, equally forged.
  var forgedNotBefore: Int?
  /// Whether the relay's checks turn it down.
  var isInvalid: Bool
  /// Whether it kills every relay that takes it.
  var isPoison: Bool
  var behaviour: Behaviour

  /// Where the answer goes.
  enum Target {
    case queue, direct, forbidden
  }

  /// What the OCR service answers, apart from faults.
  enum Behaviour {
    case success
    /// Fails the same way each time.
    case terminal
    /// Fails this often, then succeeds; with a limit of its own for attempts where it has one.
    case transient(failures: Int, FailureSample)
  }
}
