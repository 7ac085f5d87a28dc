internal import FoundationEssentials

/// Where the plans of replays lie.
struct PlanShelf: Sendable {
  private let folder: String

  /// Plans that are shown.
  private static let shown = 50

  /// A shelf in the console's folder, which is made when it is missing.
  init(folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// The file of a plan.
  func path(_ id: String) -> String {
    precondition(JobID.isValid(id), "PlanShelf.path: \(id)")
    return "\(folder)/replay-\(id).plan"
  }

  /// Whether there is such a plan.
  func has(_ id: String) -> Bool { JobID.isValid(id) && FileManager.default.fileExists(atPath: path(id)) }

  /// The newest plans, the newest first.
  func ids() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let ids = names.compactMap { name -> String? in
      guard name.hasPrefix("replay-"), name.hasSuffix(".plan") else { return nil }
      let id = String(name.dropFirst("replay-".count).dropLast(".plan".count))
      return JobID.isValid(id) ? id : nil
    }
    return Array(ids.sorted(by: >).prefix(Self.shown))
  }
}
