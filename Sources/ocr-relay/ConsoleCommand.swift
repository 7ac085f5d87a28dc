import ArgumentParser
import Glibc

/// `ocr-relay console`.
struct ConsoleCommand: ParsableCommand {
  /// The program with the pages. It is one of its own, so that the service does not carry them.
  private static let program = "ocr-relay-console"

  static let configuration = CommandConfiguration(
    commandName: "console",
    abstract: "Serve pages for operators: relays, queues and dead letters in a browser.",
    discussion: """
      Set console.operate_token or console.read_token, and console.relays. Starts the program \(program), which lies in \
      the same folder as this one.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The configuration file; else as for every command.", valueName: "file"))
  var config: String?

  func run() throws {
    let path = try Self.folder() + "/" + Self.program
    let words: [String] = [path] + (config.map { ["--config", $0] } ?? [])
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    execv(path, arguments)
    let failure = errno
    for argument in arguments { free(argument) }
    let hint = "; build it with `swift build -c release --product \(Self.program)` and put it there"
    let reason = String(cString: strerror(failure)) + (failure == ENOENT ? hint : "")
    throw CommandFailure(.internalFailure, "cannot start \(path): \(reason)")
  }

  /// The folder of this program, wherever it was started from.
  private static func folder() throws(CommandFailure) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let slash = CChar(bitPattern: UInt8(ascii: "/"))
    guard count > 0, let end = path[..<count].lastIndex(of: slash) else {
      throw CommandFailure(.internalFailure, "cannot tell where this program lies")
    }
    return String(decoding: path[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
