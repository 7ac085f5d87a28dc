import Foundation
public import Glibc
import Synchronization

/// A process started by a test: its output is kept, its end can be awaited, and it never outlives the test process.
///
/// Each child has a thread of its own that starts it, waits for it and collects its exit status. That thread lives as
/// long as the child, because the kernel's "kill me when my parent is gone" watches the parent's thread, not its
/// process; a child started by a pool thread would be killed as soon as the pool shrinks.
public final class ChildProcess: Sendable {
  /// A child that did not do what was expected of it.
  public struct Failure: Error, CustomStringConvertible {
    /// What was expected, what happened, and all output so far.
    public var description: String
  }

  /// How a process ended.
  public enum Exit: Sendable, Equatable {
    /// By itself, with this code.
    case code(Int32)
    /// By this signal.
    case signal(Int32)
  }

  /// Id of the process. Its number may be used again by another process after the end; ``send(signal:)`` minds that.
  public let pid: pid_t
  private let state: Mutex<State>
  private let name: String

  private struct Waiter {
    var text: String
    /// What the same line must contain besides.
    var other: String?
    /// How many such lines must have come.
    var count: Int
    var continuation: CheckedContinuation<String, any Error>

    func isAnswered(by line: String) -> Bool { line.contains(text) && other.map(line.contains) ?? true }
  }

  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var openPipes = 2
    var exit: Exit?
    var lineWaiters: [UUID: Waiter] = [:]
    var endWaiters: [CheckedContinuation<Exit, Never>] = []

    /// How it ended, once all its output has been read.
    var end: Exit? { openPipes == 0 ? exit : nil }
  }

  private init(pid: pid_t, name: String) {
    self.pid = pid
    self.name = name
    self.state = Mutex(State())
  }

  /// Everything written to standard output so far.
  public var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }

  /// Everything written to standard error so far.
  public var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }

  /// How it ended; nil while it runs.
  public var exit: Exit? { state.withLock { $0.exit } }
}

extension ChildProcess {
  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: a path, or a name looked up in `PATH`.
  ///   - environment: replaces the test's own environment if given.
  public static func start(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil
  ) async throws -> ChildProcess {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        live(program, arguments, environment ?? ProcessInfo.processInfo.environment, continuation)
      }
    }
  }

  /// Runs a program to its end and returns its standard output; throws unless it ends with code 0.
  @discardableResult
  public static func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil
  ) async throws -> String {
    let child = try await start(program, arguments, environment: environment)
    let exit = await child.waitForExit()
    guard exit == .code(0) else { throw child.failure("ended with \(exit)") }
    return child.output
  }

  /// Sends a signal, unless the process has already been collected.
  public func send(signal: Int32) {
    state.withLock { state in
      if state.exit == nil { _ = Glibc.kill(pid, signal) }
    }
  }

  /// Asks it to end and waits until it has.
  @discardableResult
  public func terminate() async -> Exit {
    send(signal: SIGTERM)
    return await waitForExit()
  }

  /// Ends it with SIGKILL and waits until it is gone.
  public func kill() async {
    send(signal: SIGKILL)
    _ = await waitForExit()
  }

  /// Waits for the end; all output has been read by then. Its own children must not keep its output open.
  public func waitForExit() async -> Exit {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state -> Exit? in
        if state.end == nil { state.endWaiters.append(continuation) }
        return state.end
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }

  /// Waits until a line of either output contains the text, and returns that line. Throws when the process ends
  /// without having written it, or when the task is cancelled. Lines written before the call count.
  /// With `other`, the same line must contain that too. With `times`, waits for that many such lines and returns the
  /// last of them.
  @discardableResult
  public func waitForLine(
    containing text: String, and other: String? = nil, times count: Int = 1
  ) async throws -> String {
    let id = UUID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        state.withLock { state in
          state.lineWaiters[id] = Waiter(text: text, other: other, count: count, continuation: continuation)
        }
        answerWaiters()
        if Task.isCancelled { cancelWaiter(id) }
      }
    } onCancel: {
      cancelWaiter(id)
    }
  }

  private func cancelWaiter(_ id: UUID) {
    let waiter = state.withLock { $0.lineWaiters.removeValue(forKey: id) }
    waiter?.continuation.resume(throwing: failure("was still silent about \"\(waiter?.text ?? "")\" when cancelled"))
  }

  private func failure(_ what: String) -> Failure {
    Failure(description: "\(name) (pid \(pid)) \(what)\n--- output\n\(output)\n--- errors\n\(errors)")
  }
}

extension ChildProcess {
  /// The child's thread, from start to end.
  private static func live(
    _ program: String, _ arguments: [String], _ environment: [String: String],
    _ started: CheckedContinuation<ChildProcess, any Error>
  ) {
    let child: ChildProcess
    do {
      let (pid, output, errors) = try spawn(
        ["setpriv", "--pdeathsig", "KILL", "--", program] + arguments, environment)
      child = ChildProcess(pid: pid, name: URL(filePath: program).lastPathComponent)
      Thread.detachNewThread { child.read(output) { $0.output += $1 } }
      Thread.detachNewThread { child.read(errors) { $0.errors += $1 } }
    } catch {
      return started.resume(throwing: error)
    }
    started.resume(returning: child)
    child.collect()
  }

  private static let spawning = NSLock()

  private static func spawn(
    _ arguments: [String], _ environment: [String: String]
  ) throws -> (pid: pid_t, output: Int32, errors: Int32) {
    // One start at a time: between the making of a pipe and its marking, another child could inherit it.
    spawning.lock()
    defer { spawning.unlock() }
    let (output, outputEnd) = try pipe()
    let (errors, errorsEnd) = try pipe()
    defer {
      close(outputEnd)
      close(errorsEnd)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, outputEnd, 1)
    posix_spawn_file_actions_adddup2(&actions, errorsEnd, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The test process may ignore SIGPIPE or block signals; its children must not inherit that.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, "setpriv", &actions, &attributes, &argv, &envp)
    guard result == 0 else {
      close(output)
      close(errors)
      throw Failure(description: "\(arguments) cannot be started: \(String(cString: strerror(result)))")
    }
    return (pid, output, errors)
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw Failure(description: "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private func read(_ descriptor: Int32, append: (inout State, ArraySlice<UInt8>) -> Void) {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      state.withLock { append(&$0, chunk[..<count]) }
      answerWaiters()
    }
    close(descriptor)
    state.withLock { $0.openPipes -= 1 }
    finishIfOver()
  }

  /// Waits for the process itself. `WNOWAIT` leaves it a zombie until the state is locked, so that its number cannot
  /// be given to another process between its end and the moment we know of it.
  private func collect() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    state.withLock { state in
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      state.exit = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
    }
    finishIfOver()
  }

  /// Tells the waiters once the process is gone and all it wrote has been read.
  private func finishIfOver() {
    answerWaiters()
    let (exit, waiters) = state.withLock { state -> (Exit?, [CheckedContinuation<Exit, Never>]) in
      guard let end = state.end else { return (nil, []) }
      defer { state.endWaiters = [] }
      return (end, state.endWaiters)
    }
    if let exit { for waiter in waiters { waiter.resume(returning: exit) } }
  }

  private func answerWaiters() {
    let answers = state.withLock { state -> [(Waiter, String?)] in
      let lines = Self.lines(state.output) + Self.lines(state.errors)
      return state.lineWaiters.compactMap { id, waiter in
        let line = lines.lazy.filter(waiter.isAnswered(by:)).dropFirst(waiter.count - 1).first
        guard line != nil || state.end != nil else { return nil }
        state.lineWaiters[id] = nil
        return (waiter, line)
      }
    }
    for (waiter, line) in answers {
      if let line {
        waiter.continuation.resume(returning: line)
      } else {
        waiter.continuation.resume(throwing: failure("ended without writing \"\(waiter.text)\""))
      }
    }
  }

  /// Complete lines only.
  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
