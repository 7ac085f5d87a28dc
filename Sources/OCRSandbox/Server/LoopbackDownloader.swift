import FoundationEssentials

/// Fetches documents for `url`, from this machine only.
struct LoopbackDownloader: Sendable {
  func download(_ url: String) async throws(Refusal) -> Data { throw .downloadFailed }
}
