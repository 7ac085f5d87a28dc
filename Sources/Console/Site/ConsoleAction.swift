/// What can be done, by its address.
enum ConsoleAction: Equatable {
  case logout, look, replay, park, purge
  case resume(String)
  case stop(String)

  /// The action of a path; nil when there is none.
  init?(_ segments: [String]) {
    switch segments {
    case ["logout"]: self = .logout
    case ["look"]: self = .look
    case ["replay"]: self = .replay
    case ["park"]: self = .park
    case ["purge"]: self = .purge
    default:
      guard segments.count == 3, segments[0] == "jobs", JobID.isValid(segments[1]) else { return nil }
      switch segments[2] {
      case "resume": self = .resume(segments[1])
      case "stop": self = .stop(segments[1])
      default: return nil
      }
    }
  }

  /// For the audit log.
  var name: String {
    switch self {
    case .logout: "logout"
    case .look: "look"
    case .replay: "replay"
    case .park: "park"
    case .purge: "purge"
    case .resume: "resume"
    case .stop: "stop"
    }
  }

  /// Who may do it.
  var role: Role {
    switch self {
    case .logout, .look: .read
    case .replay, .park, .purge, .resume, .stop: .operate
    }
  }
}
