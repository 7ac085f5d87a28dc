import Foundation
import FoundationNetworking
import TestSupport

/// Asks the HTTP port of a relay.
struct HealthProbe: Sendable {
  /// Setting that makes a relay listen on a free port.
  static let setting = ["HTTP_LISTEN": "127.0.0.1:0"]

  let url: String

  /// The port that a relay has found; waits for it.
  init(of relay: RelayProcess) async throws {
    let line = try await relay.log("listening")
    let numbers: [Substring] = line.split { !$0.isNumber }
    guard let port = numbers.last(where: { $0.count > 3 }) else {
      throw TestFailure("no port in \(line)")
    }
    url = "http://127.0.0.1:\(port)"
  }

  /// Status and body.
  func get(_ path: String) async throws -> (status: Int, text: String) { try await Self.get(url + path) }

  /// Status and body of any address.
  static func get(_ text: String) async throws -> (status: Int, text: String) {
    guard let address = URL(string: text) else { throw URLError(.badURL) }
    let session = URLSession(configuration: .ephemeral)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(from: address)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
  }

  /// The value of a series as it is written; nil when it is not there.
  func metric(_ series: String) async throws -> String? {
    let text = try await get("/metrics").text
    let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
    return line.map { String($0.dropFirst(series.count + 1)) }
  }
}
