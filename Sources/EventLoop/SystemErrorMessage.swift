internal import Glibc

/// The operating system's text for an `errno`, with the number, for example `Connection refused (111)`.
///
/// Uses the reentrant `strerror_r`, so it may be called from any thread.
public func systemErrorMessage(_ errorNumber: Int32) -> String {
  let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let base = buffer.baseAddress, strerror_r(errorNumber, base, buffer.count) == 0 else {
      return "unknown error"
    }
    return String(cString: base)
  }
  return "\(text) (\(errorNumber))"
}
