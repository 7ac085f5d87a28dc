internal import Glibc

/// An address to connect to, as `getaddrinfo` gives it.
package struct SocketAddress: Sendable {
  let family: Int32
  let bytes: [UInt8]

  /// The numeric address, for log lines.
  package var text: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { name in
      let status = bytes.withUnsafeBytes { raw in
        getnameinfo(
          raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count), name.baseAddress,
          socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      }
      guard status == 0, let base = name.baseAddress else { return "?" }
      return String(cString: base)
    }
  }

  /// Resolves a host name. Blocks for as long as the system's resolver does.
  static func resolve(host: String, port: Int, numericOnly: Bool) -> Result<[SocketAddress], SocketFailure> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = numericOnly ? AI_NUMERICHOST : AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      return .failure(.init(.unresolved, "cannot resolve \(host): \(String(cString: gai_strerror(status)))"))
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = entry.ai_addr {
        let bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
        addresses.append(SocketAddress(family: entry.ai_family, bytes: bytes))
      }
      next = entry.ai_next
    }
    return .success(addresses)
  }
}
