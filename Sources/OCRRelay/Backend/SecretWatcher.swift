internal import EventLoop
internal import Logging
internal import RelayCore

/// Reads the files of secrets again when they change, so that a password or key is replaced without a restart.
///
/// Files are looked at now and then instead of being watched: a mounted secret is replaced by renaming links several
/// directories up, of which the kernel tells nothing to a watcher of the file.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class SecretWatcher {
  /// A secret and the file it comes from.
  struct Entry {
    /// The setting, such as `auth.password`.
    var key: String
    var path: String
    var secret: LiveSecret
  }

  private let entries: [Entry]
  private let logger: Logger
  private var stamps: [FileStamp?]
  private var timer: LoopTimer?
  private let onChange: () -> Void
  private static let pause = Duration.seconds(5)

  /// `onChange` is called after one or more secrets were replaced.
  init(_ entries: [Entry], reactor: Reactor, logger: Logger, onChange: @escaping () -> Void) {
    self.entries = entries
    self.logger = logger
    self.onChange = onChange
    stamps = entries.map { FileStamp($0.path) }
    guard !entries.isEmpty else { return }
    timer = reactor.makeTimer { [unowned self] in look() }
    timer?.arm(after: Self.pause)
  }

  /// Looks no more.
  func stop() {
    timer?.invalidate()
    timer = nil
  }

  /// Looks at every file once.
  func look() {
    var isChanged = false
    for (index, entry) in entries.enumerated() {
      let stamp = FileStamp(entry.path)
      guard stamp != stamps[index] else { continue }
      stamps[index] = stamp
      if stamp != nil { isChanged = read(entry) || isChanged }
    }
    if isChanged { onChange() }
    timer?.arm(after: Self.pause)
  }

  private func read(_ entry: Entry) -> Bool {
    do throws(WholeFile.Failure) {
      let text = try WholeFile.readSecret(entry.path)
      if let problem = SecretCheck.problem(of: text, for: entry.key) {
        logger.error("a changed secret cannot be used", metadata: ["setting": "\(entry.key)", "reason": "\(problem)"])
        return false
      }
      let secret = Secret(text)
      guard secret != entry.secret.value else { return false }
      entry.secret.value = secret
      logger.notice("a secret was replaced", metadata: ["setting": "\(entry.key)", "audit": "rotate"])
      return true
    } catch {
      logger.error(
        "a changed secret cannot be read", metadata: ["setting": "\(entry.key)", "reason": "\(error.message)"])
      return false
    }
  }
}
