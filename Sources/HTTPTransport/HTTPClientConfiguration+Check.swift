internal import EventLoop
internal import Glibc

extension HTTPClientConfiguration {
  /// Refuses settings with which calls cannot work or could run without limits.
  func check() throws(HTTPClientError) {
    for (name, value) in [
      ("connectTimeout", connectTimeout), ("totalTimeout", totalTimeout), ("connectionIdleLimit", connectionIdleLimit),
      ("connectionLifetime", connectionLifetime), ("unacknowledgedLimit", unacknowledgedLimit),
    ] where value <= .zero || value > .seconds(86_400) {
      throw .invalidSetting(name: name, problem: "must be longer than 0 and at most a day")
    }
    guard (.zero ... .seconds(86_400)).contains(lowSpeedDuration), (0...1 << 40).contains(lowSpeedBytesPerSecond) else {
      throw .invalidSetting(name: "lowSpeed", problem: "must be 0 seconds to a day and 0 bytes to 1 TiB per second")
    }
    guard responseBodyLimit > 0, responseBodyLimit <= 1 << 30 else {
      throw .invalidSetting(name: "responseBodyLimit", problem: "must be 1 byte to 1 GiB")
    }
    guard responseHeaderLimit >= 128 << 10, responseHeaderLimit <= 16 << 20 else {
      throw .invalidSetting(name: "responseHeaderLimit", problem: "must be 128 KiB to 16 MiB")
    }
    guard (1...65_536).contains(maximumConnections), (0...1 << 20).contains(maximumWaitingCalls) else {
      throw .invalidSetting(name: "maximumConnections", problem: "must be 1 to 65536, waiting calls at most 1048576")
    }
    guard HeaderRules.isFieldValue(userAgent) else {
      throw .invalidSetting(name: "userAgent", problem: "must be printable ASCII")
    }
    if let caFile, access(caFile, R_OK) != 0 {
      throw .invalidSetting(name: "caFile", problem: "cannot be read: \(systemErrorMessage(errno))")
    }
    if let proxy, proxy.isEmpty || !proxy.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
      throw .invalidSetting(name: "proxy", problem: "must be a URL")
    }
  }
}
