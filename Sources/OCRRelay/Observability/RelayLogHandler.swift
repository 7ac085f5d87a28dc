internal import Glibc
public import Logging
internal import Synchronization

/// Writes log lines to standard error, for people (`text`) or for programs (`json`, one object a line).
///
/// Values are escaped, so an outside text can neither break a line nor move a terminal's cursor, and cut at 512 bytes.
/// When nobody reads the other end, lines are dropped and counted instead of stopping the service.
public struct RelayLogHandler: LogHandler {
  /// Fields of every line.
  public var metadata: Logger.Metadata = [:]
  /// Lines below this level are not written: the one of this logger, else that of all.
  public var logLevel: Logger.Level {
    get { ownLevel ?? Self.level }
    set { ownLevel = newValue }
  }

  /// The level of all loggers that have none of their own; may change at any time, from any thread.
  public static var level: Logger.Level {
    get { levels[levelIndex.load(ordering: .relaxed)] }
    set { levelIndex.store(levels.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
  }

  private static let levels = Logger.Level.allCases
  private static let levelIndex = Atomic<Int>(levels.firstIndex(of: .info) ?? 0)
  private var ownLevel: Logger.Level?
  private let format: LogSettings.Format
  private static let dropped = Atomic<Int>(0)
  private static let droppedInAll = Atomic<Int>(0)

  /// Lines of this process that nobody took.
  static var droppedLines: Int { droppedInAll.load(ordering: .relaxed) }

  /// A handler that writes in this format.
  public init(format: LogSettings.Format) {
    self.format = format
  }

  /// One field of every line.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    var fields = metadata
    if let own = event.metadata { fields.merge(own) { _, new in new } }
    let dropped = Self.dropped.exchange(0, ordering: .relaxed)
    if dropped > 0 { fields["dropped_lines"] = "\(dropped)" }
    let pairs = LogLine.ordered(fields.map { ($0.key, "\($0.value)") })
    let time = WallClock.text(milliseconds: WallClock.milliseconds())
    let line =
      switch format {
      case .text: LogLine.text(time: time, level: event.level.rawValue, message: "\(event.message)", pairs)
      case .json: LogLine.json(time: time, level: event.level.rawValue, message: "\(event.message)", pairs)
      }
    write(line, alreadyDropped: dropped)
  }

  private func write(_ line: String, alreadyDropped: Int) {
    var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&descriptor, 1, 0) == 1 else {
      Self.dropped.add(alreadyDropped + 1, ordering: .relaxed)
      Self.droppedInAll.add(1, ordering: .relaxed)
      return
    }
    var line = line
    line.withUTF8 { bytes in
      _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}
