public import Foundation

/// Where this checkout lies, for tests that start its scripts or read its files.
public enum Repository {
  /// The folder with the manifest.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A file or folder of the checkout.
  public static func path(_ relative: String) -> String { root.appending(path: relative).path }
}
