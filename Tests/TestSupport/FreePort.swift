import Glibc

/// Ports for servers that cannot choose one themselves. Prefer port 0 where a server can tell which it got.
public enum FreePort {
  /// A loopback port that nobody listens on, below the range that the kernel uses for outgoing connections: a server
  /// can stop and come back on it.
  public static func choose() -> Int {
    while true {
      let port = UInt16.random(in: 20_000..<32_000)
      if isFree(port) { return Int(port) }
    }
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    precondition(descriptor >= 0, "no socket to try a port with: errno \(errno)")
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafeBytes(of: &address) { bytes in
      bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count)) == 0
    }
  }
}
