internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread that waits for file descriptors, timers and Swift jobs in one place.
///
/// It is a serial executor: an actor that returns it from `unownedExecutor` runs on this thread only, so the actor may
/// own file descriptors and C handles that must not move between threads. Its ``LoopTaskExecutor`` is a task executor,
/// so that the nonisolated async code of a task stays on the thread (`Task(executorPreference:)`).
///
/// The two are told apart because a job must run as what it was enqueued for. Swift compares the executors at each
/// `await`, and where one differs it enqueues the rest anew: a job of an actor that ran under a task executor would let
/// others run between an actor's check and the body of the `withCheckedContinuation` behind it.
///
/// The thread's stack is 16 MiB by default because C decoders that run on it may recurse on outside data.
/// An executor must outlive its actors: keep the loop for as long as anything is pinned to it.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
  // @unchecked: `localJobs` and `loopReactor` are touched by the loop's thread only (checked by `isOnLoop`); the
  // other members are constants or synchronised.

  /// The name of the thread, for debuggers and `top -H`; at most 15 bytes are shown by the system.
  public let name: String

  private let wakeDescriptor: Int32
  private let remote = Mutex(Remote())
  private let threadID = Atomic<UInt>(0)
  private let loopReactor: Reactor
  private var localJobs: [LoopJob] = []
  private var runningJobs: [LoopJob] = []

  private struct LoopJob {
    var job: UnownedJob
    /// What it was enqueued on; `nil` for the loop itself.
    var taskExecutor: LoopTaskExecutor?
  }

  /// What other threads hand over.
  private struct Remote {
    var jobs: [LoopJob] = []
    var wakePending = false
    var stopping = false
  }

  /// Starts the thread. `stackSize` is in bytes.
  public init(name: String, stackSize: Int = 16 << 20) throws(EventLoopError) {
    self.name = name
    wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeDescriptor >= 0 else { throw EventLoopError(operation: "eventfd", errorNumber: errno) }
    loopReactor = try Reactor()
    let descriptor = wakeDescriptor
    try loopReactor.register(descriptor, for: .readable) { _ in
      var counter: UInt64 = 0
      read(descriptor, &counter, MemoryLayout<UInt64>.size)
    }
    try startThread(stackSize: stackSize)
  }

  deinit {
    close(wakeDescriptor)
  }

  // MARK: Use

  /// Whether the caller is on the loop's thread.
  public var isOnLoop: Bool {
    threadID.load(ordering: .relaxed) == UInt(pthread_self())
  }

  /// The loop's descriptors and timers. Only on the loop's thread; anywhere else this traps.
  public var reactor: Reactor {
    precondition(isOnLoop, "EventLoop.reactor was used off the thread of loop \(name)")
    return loopReactor
  }

  /// Ends the thread after the current turn. Actors pinned to the loop never run again, so call this last.
  ///
  /// Returns at once; the thread releases the loop when it ends.
  public func stop() {
    remote.withLock { $0.stopping = true }
    wake()
  }

  // MARK: Executor

  /// Takes a job from any thread and runs it on the loop.
  public func enqueue(_ job: consuming ExecutorJob) {
    enqueue(LoopJob(job: UnownedJob(job), taskExecutor: nil))
  }

  /// Takes a job of a task that prefers the loop.
  func enqueue(_ job: consuming ExecutorJob, of executor: LoopTaskExecutor) {
    enqueue(LoopJob(job: UnownedJob(job), taskExecutor: executor))
  }

  private func enqueue(_ job: LoopJob) {
    if isOnLoop {
      localJobs.append(job)
      return
    }
    let mustWake = remote.withLock { remote in
      remote.jobs.append(job)
      defer { remote.wakePending = true }
      return !remote.wakePending
    }
    if mustWake { wake() }
  }

  /// Traps when the caller is not on the loop's thread.
  public func checkIsolated() {
    precondition(isOnLoop, "code isolated to loop \(name) runs on another thread")
  }

  /// Whether the caller is on the loop's thread.
  public func isIsolatingCurrentContext() -> Bool? {
    isOnLoop
  }

  // MARK: Thread

  private func wake() {
    var one: UInt64 = 1
    write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
  }

  private func startThread(stackSize: Int) throws(EventLoopError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let sized = pthread_attr_setstacksize(&attributes, stackSize)
    guard sized == 0 else { throw EventLoopError(operation: "pthread_attr_setstacksize", errorNumber: sized) }
    // The thread owns one reference to the loop until it ends.
    let reference = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let created = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let loop = Unmanaged<EventLoop>.fromOpaque(argument)
        loop.takeUnretainedValue().run()
        loop.release()
        return nil
      }, reference.toOpaque())
    guard created == 0 else {
      reference.release()
      throw EventLoopError(operation: "pthread_create", errorNumber: created)
    }
  }

  private func run() {
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    pthread_setname_np(pthread_self(), String(name.prefix(15)))
    while true {
      let stopping = runJobs()
      loopReactor.endTurn()
      if stopping { break }
      loopReactor.wait(polling: !localJobs.isEmpty)
      loopReactor.fireTimers()
    }
  }

  /// Runs every job that is ready, those enqueued meanwhile included; returns whether the loop was told to stop.
  private func runJobs() -> Bool {
    let stopping = takeRemoteJobs()
    while !localJobs.isEmpty {
      swap(&localJobs, &runningJobs)
      for job in runningJobs { run(job) }
      runningJobs.removeAll(keepingCapacity: true)
    }
    return stopping
  }

  private func run(_ job: LoopJob) {
    guard let taskExecutor = job.taskExecutor else {
      return job.job.runSynchronously(on: asUnownedSerialExecutor())
    }
    job.job.runSynchronously(
      isolatedTo: asUnownedSerialExecutor(), taskExecutor: taskExecutor.asUnownedTaskExecutor())
  }

  private func takeRemoteJobs() -> Bool {
    remote.withLock { remote in
      remote.wakePending = false
      if !remote.jobs.isEmpty {
        localJobs.append(contentsOf: remote.jobs)
        remote.jobs.removeAll(keepingCapacity: true)
      }
      return remote.stopping
    }
  }
}
