internal import EventLoop
internal import Glibc

/// Where a program keeps what should survive its end.
public enum StateFolder {
  /// The folder that this process is expected to use: what the service manager gave (`STATE_DIRECTORY`), else that of
  /// the system for its administrator, else that of the user (`XDG_STATE_HOME`, `HOME`). Nil when there is none.
  public static func expected(environment: (String) -> String?, isRoot: Bool) -> String? {
    // The service manager may give several, separated by colons.
    if let given = environment("STATE_DIRECTORY")?.split(separator: ":").first, given.hasPrefix("/") {
      return String(given)
    }
    if isRoot { return "/var/lib/ocr-relay" }
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return "\(state)/ocr-relay" }
    if let home = environment("HOME"), home.hasPrefix("/"), home != "/" { return "\(home)/.local/state/ocr-relay" }
    return nil
  }

  /// The folder that this process is expected to use; see ``expected(environment:isRoot:)``.
  public static func expected() -> String? {
    expected(environment: { name in getenv(name).map { String(cString: $0) } }, isRoot: geteuid() == 0)
  }

  /// Makes the folder and those above it, for this user alone, and tries that it can be written to; nil when all is
  /// well, else why not.
  public static func prepare(_ folder: String) -> String? {
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: true) {
      path += (path.isEmpty && !folder.hasPrefix("/") ? "" : "/") + part
      guard mkdir(path, 0o700) == 0 || errno == EEXIST || errno == EISDIR else {
        // A folder that may not be made may be there: what counts is the last one.
        if access(path, F_OK) == 0 { continue }
        return "cannot make \(path): \(systemErrorMessage(errno))"
      }
    }
    guard access(folder, R_OK | W_OK | X_OK) == 0 else {
      return "cannot write to \(folder): \(systemErrorMessage(errno))"
    }
    return nil
  }
}
