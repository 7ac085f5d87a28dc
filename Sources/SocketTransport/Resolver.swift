internal import CLinux
package import EventLoop
internal import Glibc
internal import Synchronization

/// Resolves host names off the loop: `getaddrinfo` blocks for seconds when a name server is down, and heartbeats of
/// other connections must not wait for it.
package enum Resolver {
  /// Calls `completion` on the loop, soon for numeric addresses, else when a helper thread has the answer.
  package static func resolve(
    host: String, port: Int, reactor: Reactor,
    _ completion: @escaping (Result<[SocketAddress], SocketFailure>) -> Void
  ) {
    if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, numericOnly: true) {
      return completion(.success(addresses))
    }
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { return completion(.failure(.init(.unresolved, systemErrorMessage(errno)))) }
    let answer = Answer(descriptor: descriptor)
    do {
      try reactor.register(descriptor, for: .readable) { _ in
        reactor.deregister(descriptor)
        completion(answer.take())
      }
      try startThread(host: host, port: port, answer)
    } catch {
      reactor.deregister(descriptor)
      completion(.failure(.init(.unresolved, error.description)))
    }
  }

  /// Carries the answer from the helper thread to the loop; closes the descriptor when both have let go of it.
  private final class Answer: Sendable {
    private let result = Mutex<Result<[SocketAddress], SocketFailure>?>(nil)
    private let descriptor: Int32

    init(descriptor: Int32) {
      self.descriptor = descriptor
    }

    deinit {
      close(descriptor)
    }

    func set(_ value: Result<[SocketAddress], SocketFailure>) {
      result.withLock { $0 = value }
      var one: UInt64 = 1
      write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func take() -> Result<[SocketAddress], SocketFailure> {
      result.withLock { $0 } ?? .failure(.init(.unresolved, "the resolver gave no answer"))
    }
  }

  private final class Work: Sendable {
    let host: String
    let port: Int
    let answer: Answer

    init(host: String, port: Int, answer: Answer) {
      self.host = host
      self.port = port
      self.answer = answer
    }
  }

  private static func startThread(host: String, port: Int, _ answer: Answer) throws(EventLoopError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // The thread owns one reference to its work until it has answered.
    let reference = Unmanaged.passRetained(Work(host: host, port: port, answer: answer))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.answer.set(SocketAddress.resolve(host: work.host, port: work.port, numericOnly: false))
        return nil
      }, reference.toOpaque())
    guard status == 0 else {
      reference.release()
      throw EventLoopError(operation: "pthread_create", errorNumber: status)
    }
  }
}
