import Glibc
import Synchronization

/// A TCP proxy in front of a broker that can go wrong on request. One thread for each direction of a connection.
final class FaultProxy: Sendable {
  /// What happens to bytes that arrive from now on.
  enum Fault: Sendable, Equatable {
    case none
    /// They vanish; both connections stay.
    case blackHole
    /// The next connections are reset after so many bytes, both directions together.
    case reset(after: Int)
    /// They go on one at a time.
    case singleBytes
  }

  let port: Int
  private let listener: Int32
  private let brokerPort: Int
  private let state = Mutex(State())

  private struct State {
    var fault = Fault.none
    var budget = Int.max
    var descriptors: [Int32] = []
    var isStopped = false
  }

  init(brokerPort: Int) {
    self.brokerPort = brokerPort
    (listener, port) = LoopbackListener.open()
    _ = fcntl(listener, F_SETFL, 0)
    Self.thread { [self] in acceptPeers() }
  }

  func set(_ fault: Fault) {
    state.withLock { state in
      state.fault = fault
      if case .reset(let bytes) = fault { state.budget = bytes } else { state.budget = .max }
    }
  }

  /// Ends everything; connections are reset.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private static func thread(_ work: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Work(run: work))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    precondition(status == 0, "FaultProxy: no thread")
    pthread_detach(thread)
  }

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private func acceptPeers() {
    while true {
      let client = LoopbackListener.accept(listener)
      guard client >= 0, !state.withLock({ $0.isStopped }) else { break }
      let broker = connectToBroker()
      state.withLock { $0.descriptors += [client, broker] }
      let pair = Pair(client: client, broker: broker)
      Self.thread { [self] in pump(from: client, to: broker, pair) }
      Self.thread { [self] in pump(from: broker, to: client, pair) }
    }
    close(listener)
  }

  /// Closes both ends when both directions are over.
  private final class Pair: Sendable {
    let client: Int32
    let broker: Int32
    init(client: Int32, broker: Int32) {
      self.client = client
      self.broker = broker
    }
    deinit {
      close(client)
      close(broker)
    }
  }

  private func connectToBroker() -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(brokerPort).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafeBytes(of: &address) { raw in
      connect(descriptor, raw.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(raw.count))
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }

  private func pump(from source: Int32, to target: Int32, _ pair: Pair) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0, forward(buffer[..<count], to: target) else { break }
    }
    state.withLock { $0.descriptors.removeAll { $0 == pair.client || $0 == pair.broker } }
    shutdown(target, Int32(SHUT_RDWR))
    shutdown(source, Int32(SHUT_RDWR))
    withExtendedLifetime(pair) {}
  }

  /// False when the connection is to be cut.
  private func forward(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
    let (fault, allowed) = state.withLock { state in
      let allowed = min(bytes.count, state.budget)
      if state.budget != .max { state.budget -= allowed }
      return (state.fault, allowed)
    }
    switch fault {
    case .blackHole: return true
    case .none: return sendAll(bytes, to: target)
    case .reset: return sendAll(bytes.prefix(allowed), to: target) && allowed == bytes.count
    case .singleBytes:
      for byte in bytes { guard sendAll([byte], to: target) else { return false } }
      return true
    }
  }

  private func sendAll(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
