/// Which addresses a request may send the OCR service to, in place of an image.
public struct URLSettings: Sendable, Equatable {
  /// Whether requests may have an address at all.
  public var isAllowed = true
  /// Whether `http` addresses pass.
  public var allowsHTTP = true
  /// Whether the host may be a number instead of a name.
  public var allowsAddressLiterals = true
  /// The only hosts that pass; empty means every public host. `.example.com` stands for all names below it.
  public var allowedHosts: [String] = []
  /// Hosts that pass although they are not public.
  public var privateHosts: [String] = []
  /// Longest address, in bytes.
  public var maximumBytes = 2048
}
