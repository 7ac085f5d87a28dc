/// An ``EventLoop`` as the executor that a task prefers: its nonisolated code runs on the loop's thread.
///
/// Holds the loop; a task holds its executor. See ``EventLoop`` for why this is an object of its own.
public final class LoopTaskExecutor: TaskExecutor {
  private let loop: EventLoop

  /// The executor for tasks that are to stay on `loop`.
  public init(_ loop: EventLoop) { self.loop = loop }

  /// Takes a job from any thread and runs it on the loop.
  public func enqueue(_ job: consuming ExecutorJob) {
    loop.enqueue(job, of: self)
  }
}
