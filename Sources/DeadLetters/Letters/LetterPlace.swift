internal import OCRContract

/// Which letters are worked on.
public enum LetterPlace: Sendable, Equatable {
  /// Those in the queues of their causes.
  case dead
  /// Those that were put aside.
  case parked

  /// The queues to look through for what a filter means.
  func queues(for filter: LetterFilter) -> [String] {
    switch self {
    case .dead: filter.queues
    case .parked: [QueueName.parked]
    }
  }
}
