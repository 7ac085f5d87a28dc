internal import EventLoop

/// Reads the configuration again when it is told to, and when its file has changed.
///
/// A stat every few seconds, and only with a file: changes come by rename and by symbolic links that switch, which a
/// look at the file notices in each case.
///
/// Isolation: not `Sendable`; belongs to its reactor's loop.
final class ConfigurationWatcher {
  private static let interval = Duration.seconds(5)

  private let source: ConfigurationSource
  private let handler: (Result<RelayConfiguration, ConfigurationError>) -> Void
  private var stamp: FileStamp?
  private var timer: LoopTimer?

  /// Calls `handler` with each configuration that was read, or with what is wrong with it.
  init(
    _ source: ConfigurationSource, reactor: Reactor,
    _ handler: @escaping (Result<RelayConfiguration, ConfigurationError>) -> Void
  ) {
    self.source = source
    self.handler = handler
    guard let file = source.file else { return }
    stamp = FileStamp(file)
    timer = reactor.makeTimer { [unowned self] in look(at: file) }
    timer?.arm(after: Self.interval)
  }

  /// Looks no more.
  func stop() {
    timer?.invalidate()
    timer = nil
  }

  /// Reads now.
  func reload() {
    stamp = source.file.flatMap(FileStamp.init)
    do throws(ConfigurationError) {
      handler(.success(try source.load().configuration))
    } catch {
      handler(.failure(error))
    }
  }

  private func look(at file: String) {
    // A file that is just being replaced is looked at again.
    if let now = FileStamp(file), now != stamp { reload() }
    timer?.arm(after: Self.interval)
  }
}
