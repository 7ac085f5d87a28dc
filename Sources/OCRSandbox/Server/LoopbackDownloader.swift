import Foundation
import FoundationNetworking

/// Fetches the documents that `url` names: from this machine only, and only when the sandbox was told so. It never
/// reaches out; a public address is answered as an address that does not respond.
struct LoopbackDownloader: Sendable {
  static let byteLimit = 10 * 1024 * 1024

  let isAllowed: Bool

  /// The bytes behind the address.
  func download(_ text: String) async throws(Refusal) -> Data {
    guard text.allSatisfy(\.isASCII), let url = URL(string: text), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty
    else { throw .urlForbidden }
    guard isAllowed, scheme == "http", ["127.0.0.1", "localhost", "::1"].contains(host) else { throw .downloadFailed }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 10
    let session = URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    guard let (data, response) = try? await session.data(from: url),
      (response as? HTTPURLResponse)?.statusCode == 200
    else { throw .downloadFailed }
    guard data.count <= Self.byteLimit else { throw .downloadTooLarge }
    return data
  }
}

/// A redirect would lead away from this machine; it counts as a failed download.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) { completionHandler(nil) }
}
