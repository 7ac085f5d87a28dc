/// Who is logged in. In memory alone: whoever was logged in before a restart logs in again.
struct SessionBook: Sendable {
  /// How long a session lasts, however busy.
  static let lifetime = Duration.seconds(12 * 3600)
  /// The most sessions; the oldest ends when one more begins.
  static let mostSessions = 1_000

  private struct Session: Sendable {
    var name: String
    var role: Role
    var end: Int64
  }

  private var sessions: [String: Session] = [:]

  /// Begins a session and returns its id. `now` is in milliseconds since 1970.
  mutating func begin(name: String, role: Role, now: Int64) -> String {
    sessions = sessions.filter { $0.value.end > now }
    if sessions.count >= Self.mostSessions, let oldest = sessions.min(by: { $0.value.end < $1.value.end })?.key {
      sessions[oldest] = nil
    }
    let id = ConsoleSecret.randomText()
    sessions[id] = Session(name: name, role: role, end: now + Self.lifetime.components.seconds * 1_000)
    return id
  }

  /// Whom a session belongs to.
  func identity(_ id: String, now: Int64) -> Identity? {
    guard let session = sessions[id], session.end > now else { return nil }
    return Identity(name: session.name, role: session.role, proof: .session(id))
  }

  /// Ends a session.
  mutating func end(_ id: String) { sessions[id] = nil }
}
