public import EventLoop
internal import Glibc
public import RelayCore

/// A token record in a file: it survives restarts and is shared by all processes of a machine and user.
///
/// The file is for its owner alone (0600) and replaced as a whole; a lock beside it keeps operations apart. A lock that
/// another process holds is tried again later instead of being waited for, so the loop is never held up. Nothing is
/// flushed to the disk: a record that a power cut destroys costs one login.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
public final class FileTokenStore: TokenStore {
  /// Called when the file cannot be read as a record, once until it can; the text says why.
  public var onUnreadable: (String) -> Void = { _ in }
  /// The file with the record.
  public let path: String
  /// `file`.
  public let name = "file"

  private let wrapping: Wrapping
  private let reactor: Reactor
  private let patience: Duration
  private let now: () -> Int64
  private var waiting: [Waiting] = []
  private var retryTimer: LoopTimer?
  private var notice = UnreadableNotice()
  private var isStopped = false

  private struct Waiting {
    let operation: TokenOperation
    let deadline: MonotonicInstant
    let completion: (Result<TokenReply, TokenStoreFailure>) -> Void
  }

  private static let retryPause = Duration.milliseconds(5)

  /// A store in `folder`, which is made when it is missing. `credential` is a name for file names that differs between
  /// credentials; `now` gives milliseconds since 1970.
  public init(
    folder: String, credential: String, wrapping: Wrapping, reactor: Reactor, patience: Duration = .seconds(2),
    now: @escaping () -> Int64
  ) {
    path = "\(folder)/token-\(credential)"
    self.wrapping = wrapping
    self.reactor = reactor
    self.patience = patience
    self.now = now
  }

  /// Carries the operation out at once, or as soon as no other process is at it; fails after `patience`.
  public func perform(
    _ operation: TokenOperation, _ completion: @escaping (Result<TokenReply, TokenStoreFailure>) -> Void
  ) {
    guard !isStopped else { return }
    waiting.append(Waiting(operation: operation, deadline: reactor.now + patience, completion: completion))
    if waiting.count == 1 { work() }
  }

  /// Ends all work; pending completions are dropped.
  public func stop() {
    isStopped = true
    waiting = []
    retryTimer?.invalidate()
    retryTimer = nil
  }

  private func work() {
    while let next = waiting.first {
      let result: Result<TokenReply, TokenStoreFailure>
      do throws(FileFailure) {
        guard let lock = try FileLock(path: path + ".lock") else {
          guard reactor.now >= next.deadline else { return tryAgain() }
          throw FileFailure("lock \(path).lock", "another process holds it for longer than \(patience)")
        }
        result = .success(try apply(next.operation))
        lock.release()
      } catch {
        result = .failure(Self.failure(error))
      }
      waiting.removeFirst()
      next.completion(result)
    }
  }

  private func tryAgain() {
    let timer = retryTimer ?? reactor.makeTimer { [unowned self] in work() }
    retryTimer = timer
    timer.arm(after: Self.retryPause)
  }

  private func apply(_ operation: TokenOperation) throws(FileFailure) -> TokenReply {
    let bytes = try PrivateFile.read(path, limit: 1 << 20)
    let (before, problem) = TokenRecord.read(bytes ?? [], wrapping, context: context)
    if let text = notice.next(problem) { onUnreadable("\(path): \(text)") }
    var record = before
    let reply = record.apply(operation, now: now())
    if record != before {
      try PrivateFile.replace(path, with: wrapping.wrap(record.bytes(), context: context))
    }
    return reply
  }

  /// Not the whole path: the folder may be moved.
  private var context: String { String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]) }

  private static func failure(_ failure: FileFailure) -> TokenStoreFailure {
    TokenStoreFailure(
      operation: failure.operation, detail: failure.detail,
      advice:
        "give the relay a folder of its own that it may write to in auth.store_folder, or set auth.store to memory")
  }
}
