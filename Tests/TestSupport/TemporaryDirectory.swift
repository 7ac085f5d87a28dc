public import Foundation

/// A folder of its own for one test, deleted with the last reference to it.
public final class TemporaryDirectory: Sendable {
  /// The folder.
  public let url: URL

  /// Its path without a slash at the end.
  public var path: String { url.path }

  /// Makes an empty folder that only this user may enter.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "ocr-relay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in it.
  public func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a text file and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: url.appending(path: name))
    return path(name)
  }
}
