internal import DeadLetters

/// Something that is done with letters, and how far it has come.
struct Job: Sendable {
  /// What is done.
  enum Kind: String, Sendable { case replay, park, purge }

  /// How it stands.
  enum State: Sendable, Equatable {
    case running
    /// It has ended as it should, or said why it stopped.
    case ended
    /// It could not go on.
    case failed(String)
  }

  /// Its name in addresses.
  let id: String
  /// What is done.
  let kind: Kind
  /// With which letters, in words.
  let what: String
  /// Who began it.
  let by: String
  /// Milliseconds since 1970.
  let startedAt: Int64
  /// Milliseconds since 1970.
  var endedAt: Int64?
  /// How it stands.
  var state = State.running
  /// Of a replay, what it has done so far.
  var result = ReplayResult()
  /// Letters that were put aside or deleted.
  var count = 0
}
