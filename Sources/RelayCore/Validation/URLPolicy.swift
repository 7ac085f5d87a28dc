import OCRContract

/// Which addresses a request may send the OCR service to. The relay itself never fetches one.
///
/// An address is looked at as it is written: what its name resolves to is the service's business.
public struct URLPolicy: Sendable {
  /// False: a request with `url` is refused.
  public var isAllowed: Bool
  /// False: only `https` passes.
  public var allowsHTTP: Bool
  /// False: the host must be a name.
  public var allowsAddressLiterals: Bool
  /// When not empty, the host must be one of these: `images.example.com` for itself, `.example.com` for every name
  /// below it.
  public var allowedHosts: [String]
  /// Hosts that pass although they are not public, written exactly as in the address: for a private installation.
  public var trustedPrivateHosts: [String]
  /// Longest address in bytes.
  public var maxBytes: Int

  /// A policy from its parts; the defaults let every public http and https address through.
  public init(
    isAllowed: Bool = true, allowsHTTP: Bool = true, allowsAddressLiterals: Bool = true, allowedHosts: [String] = [],
    trustedPrivateHosts: [String] = [], maxBytes: Int = 2048
  ) {
    self.isAllowed = isAllowed
    self.allowsHTTP = allowsHTTP
    self.allowsAddressLiterals = allowsAddressLiterals
    self.allowedHosts = allowedHosts
    self.trustedPrivateHosts = trustedPrivateHosts
    self.maxBytes = maxBytes
  }

  /// Checks one address, its escape sequences already replaced. The error text never contains the address, because
  /// a signed one is a credential.
  public func check(_ url: UnsafeRawBufferPointer) throws(RequestRejection) {
    guard isAllowed else { throw RequestRejection(.urlForbidden, "the operator has switched off url") }
    guard url.count <= maxBytes else {
      throw RequestRejection(.urlInvalid, "url has \(url.count) bytes, at most \(maxBytes) are allowed")
    }
    if let offset = URLText.firstForbiddenByte(in: url) {
      throw RequestRejection(
        .urlInvalid,
        "url has a space, a control character, a backslash or a character outside of ASCII at byte \(offset); "
          + "percent-encode it")
    }
    let authority = try authority(of: url)
    let host = try URLText.host(of: authority)
    if trustedPrivateHosts.contains(where: { ASCII.isSameIgnoringCase(host, $0) }) { return }
    try checkPublic(host)
    guard allowedHosts.isEmpty || allowedHosts.contains(where: { isMatch(host, $0) }) else {
      throw RequestRejection(.urlForbidden, "the host of url is not on the operator's list")
    }
  }

  private func authority(of url: UnsafeRawBufferPointer) throws(RequestRejection) -> UnsafeRawBufferPointer {
    guard let (isSecure, start) = URLText.scheme(of: url) else {
      throw RequestRejection(.urlInvalid, "url must begin with http:// or https://")
    }
    guard isSecure || allowsHTTP else { throw RequestRejection(.urlForbidden, "url must begin with https://") }
    return URLText.authority(of: UnsafeRawBufferPointer(rebasing: url[start...]))
  }

  private func checkPublic(_ host: UnsafeRawBufferPointer) throws(RequestRejection) {
    switch HostKind(host) {
    case .publicName: return
    case .publicAddress:
      guard allowsAddressLiterals else {
        throw RequestRejection(.urlForbidden, "the host of url must be a name, not a number")
      }
    case .notPublic:
      throw RequestRejection(.urlForbidden, "the host of url is not a public one")
    case .oddAddress:
      throw RequestRejection(.urlForbidden, "the host of url is a number in a form other than four decimal parts")
    case .malformed:
      throw RequestRejection(.urlInvalid, "the host of url is malformed")
    }
  }

  /// A list entry with a leading dot stands for all names below it, any other for itself.
  private func isMatch(_ host: UnsafeRawBufferPointer, _ entry: String) -> Bool {
    let host = host.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: host.dropLast()) : host
    guard entry.utf8.first == UInt8(ascii: ".") else { return ASCII.isSameIgnoringCase(host, entry) }
    return host.count > entry.utf8.count
      && ASCII.isSameIgnoringCase(UnsafeRawBufferPointer(rebasing: host.suffix(entry.utf8.count)), entry)
  }
}
