import Foundation
import Glibc
import Synchronization

/// A TCP server on a free loopback port that runs a script for each connection, with blocking calls on its own thread.
final class ScriptedServer: Sendable {
  typealias Script = @Sendable (ServerConnection) -> Void

  let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())
  private let threads = DispatchGroup()
  private let script: Script

  private struct State {
    var connections = 0
    var requests: [ReceivedRequest] = []
    var open: Set<Int32> = []
    var stopping = false
  }

  init(_ script: @escaping Script) {
    self.script = script
    (listener, port) = listenOnLoopback(backlog: 512)
    run { server in server.acceptAll() }
  }

  /// Closes everything and waits for the threads.
  func stop() {
    state.withLock { state in
      state.stopping = true
      for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
    threads.wait()
    close(listener)
  }

  var connections: Int { state.withLock { $0.connections } }
  var requests: [ReceivedRequest] { state.withLock { $0.requests } }
  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  fileprivate func note(_ request: ReceivedRequest) {
    state.withLock { $0.requests.append(request) }
  }

  private func acceptAll() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      // A child of another test that inherited it would keep it open after it was closed here.
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      let index: Int? = state.withLock { state in
        guard !state.stopping else { return nil }
        state.connections += 1
        state.open.insert(descriptor)
        return state.connections
      }
      guard let index else {
        close(descriptor)
        return
      }
      run { server in
        server.script(ServerConnection(descriptor: descriptor, index: index, server: server))
        server.state.withLock { state in
          state.open.remove(descriptor)
          close(descriptor)
        }
      }
    }
  }

  private func run(_ body: @escaping @Sendable (ScriptedServer) -> Void) {
    threads.enter()
    Thread.detachNewThread { [self] in
      body(self)
      threads.leave()
    }
  }
}

/// A request as the server read it.
struct ReceivedRequest: Sendable {
  var head: String
  var body: [UInt8]
  var isPost: Bool { head.hasPrefix("POST ") }
}

/// One connection of a ``ScriptedServer``; used by its script's thread only.
struct ServerConnection {
  let descriptor: Int32
  /// 1 for the server's first connection.
  let index: Int
  let server: ScriptedServer

  /// The next request with its body, noted at the server; `nil` when the peer has closed.
  ///
  /// `slowly` reads the body in small pieces with a tick between them.
  func readRequest(slowly: Bool = false) -> ReceivedRequest? {
    guard let head = readHead() else { return nil }
    var body = [UInt8](repeating: 0, count: Self.contentLength(head))
    let isRead = body.withUnsafeMutableBytes { room in
      slowly ? readSlowly(into: room) : readExactly(into: room)
    }
    guard isRead else { return nil }
    let request = ReceivedRequest(head: head, body: body)
    server.note(request)
    return request
  }

  /// The head of the next request; its body stays unread.
  func readHead() -> String? {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) == 1 {
      head.append(byte)
      if byte == UInt8(ascii: "\n"), head.suffix(4) == [13, 10, 13, 10] {
        return String(decoding: head, as: UTF8.self)
      }
    }
    return nil
  }

  /// Sends everything; false when the peer is gone.
  @discardableResult
  func send(_ text: String) -> Bool {
    send(Array(text.utf8))
  }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  func answer(_ status: Int = 200, headers: String = "", body: [UInt8] = Array("{}".utf8)) {
    send(Array("HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body)
  }

  /// Lets the close that follows be a reset.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Blocks until the first byte of a request or handshake is there, and leaves it there.
  func waitForFirstByte() {
    var byte: UInt8 = 0
    _ = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
  }

  /// Blocks until the peer closes, reading and dropping what it still sends.
  func waitForPeer() {
    var scratch = [UInt8](repeating: 0, count: 65_536)
    while recv(descriptor, &scratch, scratch.count, 0) > 0 {}
  }

  /// Waits until the peer closes, without reading, for at most one tick; returns whether it did.
  func peerClosesWithinTick() -> Bool {
    var waited = pollfd(fd: descriptor, events: Self.peerClosed, revents: 0)
    return poll(&waited, 1, 5) != 0
  }

  /// `POLLRDHUP`, which Glibc hides.
  private static let peerClosed: Int16 = 0x2000

  /// What is sent leaves at once, however little.
  func sendAtOnce() {
    var isOn: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  /// What is sent waits for the close that follows and leaves together with it.
  func sendOnClose() {
    var isOn: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Little of what the peer sends is kept by the system until it is read.
  func takeLittle() {
    var size: Int32 = 128 << 10
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  private func readSlowly(into room: UnsafeMutableRawBufferPointer) -> Bool {
    for start in stride(from: 0, to: room.count, by: 256 << 10) {
      let end = min(start + (256 << 10), room.count)
      guard !peerClosesWithinTick(), readExactly(into: .init(rebasing: room[start..<end])) else { return false }
    }
    return true
  }

  private func readExactly(into room: UnsafeMutableRawBufferPointer) -> Bool {
    var count = 0
    while count < room.count {
      let received = recv(descriptor, room.baseAddress?.advanced(by: count), room.count - count, 0)
      guard received > 0 else { return false }
      count += received
    }
    return true
  }

  private static func contentLength(_ head: String) -> Int {
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      return Int(line.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) ?? 0
    }
    return 0
  }
}

/// A listening socket on a port that the system chose.
func listenOnLoopback(backlog: Int32) -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
      precondition(bind(descriptor, generic, length) == 0 && listen(descriptor, backlog) == 0)
      precondition(getsockname(descriptor, generic, &length) == 0)
    }
  }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// How many sockets of this process are connected to `port` of the loopback interface.
func connections(to port: UInt16) -> Int {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return names.compactMap { Int32($0) }.count { descriptor in
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
    }
    return result == 0 && address.sin_family == sa_family_t(AF_INET) && UInt16(bigEndian: address.sin_port) == port
  }
}

/// Waits until no socket of this process is connected to `port` of the loopback interface.
func noConnectionIsLeft(to port: UInt16) async throws {
  while connections(to: port) > 0 { try await Task.sleep(for: .milliseconds(1)) }
}

/// `close`, under a name that no type's method hides.
func closeDescriptor(_ descriptor: Int32) {
  close(descriptor)
}
