import Foundation

/// The programs under test. `swift test` builds them beside the program that runs the tests.
enum Programs {
  static let relay = folder + "/ocr-relay"
  static let sandbox = folder + "/ocr-sandbox"

  /// The folder with the test program: itself, or what the runner was told to load.
  static let folder: String = {
    let arguments = CommandLine.arguments
    let loaded = arguments.firstIndex(of: "--test-bundle-path").flatMap { index in
      arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
    }
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folders = [loaded, own].compactMap { $0.map { URL(filePath: $0).deletingLastPathComponent().path } }
    guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: $0 + "/ocr-relay") }) else {
      preconditionFailure("Programs: ocr-relay is in none of \(folders); run `swift build` first")
    }
    return folder
  }()
}
