internal import Glibc
internal import Synchronization

extension EventLoop {
  /// Runs `body` on the loop and holds the calling thread until it has ended: for a `main` that has nothing else to do.
  ///
  /// An asynchronous `main` would bring in the threads of the default executor and end the first thread, which unwinds
  /// its stack; both cost memory for as long as the process lives. Traps on the loop's own thread.
  public func runBlocking(_ body: @escaping @Sendable () async throws -> Void) throws {
    precondition(!isOnLoop, "EventLoop.runBlocking was called on the thread of loop \(name)")
    let outcome = Outcome()
    Task(executorPreference: LoopTaskExecutor(self)) {
      do {
        try await body()
        outcome.finish(.success(()))
      } catch {
        outcome.finish(.failure(error))
      }
    }
    try outcome.wait().get()
  }

  /// A result that one thread waits for.
  private final class Outcome: @unchecked Sendable {
    // @unchecked: the semaphore is made for use by several threads; it is freed with the last reference.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let result = Mutex<Result<Void, any Error>>(.success(()))

    init() {
      sem_init(semaphore, 0, 0)
    }

    deinit {
      sem_destroy(semaphore)
      semaphore.deallocate()
    }

    func finish(_ result: Result<Void, any Error>) {
      self.result.withLock { $0 = result }
      sem_post(semaphore)
    }

    func wait() -> Result<Void, any Error> {
      // Signals interrupt the wait.
      while sem_wait(semaphore) != 0 {}
      return result.withLock { $0 }
    }
  }
}
