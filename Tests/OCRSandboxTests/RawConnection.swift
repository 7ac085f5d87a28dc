import Foundation

/// A bare TCP connection, which shows how a call ends below HTTP.
actor RawConnection {
  struct End: Sendable {
    var bytes: [UInt8]
    /// The error of the last read; 0 when the peer closed in good order.
    var errorNumber: Int32
  }
  struct Failure: Error {
    var step: String
    var errorNumber: Int32
  }

  private let client: SandboxClient
  private var descriptor: Int32 = -1

  init(_ client: SandboxClient) { self.client = client }

  /// Sends one OCR call and reads until the connection ends.
  func call(token: String) async throws -> End {
    try sendOnly(token: token)
    let descriptor = descriptor
    let end = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Self.read(descriptor)) }
    }
    close()
    return end
  }

  /// Sends one OCR call and reads nothing.
  func sendOnly(token: String) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(URL(string: client.base)?.port ?? 0).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(step: "connect", errorNumber: errno) }
    let body = Pictures.image
    let request = Array(
      ("POST /v2/\(client.projectID)/ocr/general-text HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: \(token)\r\n"
        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure(step: "send", errorNumber: errno) }
      sent += count
    }
  }

  func close() {
    guard descriptor >= 0 else { return }
    Foundation.close(descriptor)
    descriptor = -1
  }

  private static func read(_ descriptor: Int32) -> End {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 { return End(bytes: bytes, errorNumber: 0) }
      if count < 0 { return End(bytes: bytes, errorNumber: errno) }
      bytes += buffer[..<count]
    }
  }
}
