import DeadLetters
import Glibc
import OCRContract
import Synchronization

/// Writes letters into a folder: a line of JSON and a file for each.
final class LetterExport: Sendable {
  private let folder: String
  private let list: Int32
  private let written = Mutex(0)

  init(folder: String) throws(DeadLetterError) {
    try NewFile.makeFolder(folder)
    self.folder = folder
    list = try NewFile.create(folder + "/letters.jsonl")
  }

  deinit { close(list) }

  /// Letters written so far.
  var count: Int { written.withLock { $0 } }

  /// Writes the body first: a line of the list always has its file.
  func add(_ letter: Letter) throws(DeadLetterError) {
    let number = written.withLock { count in
      count += 1
      return count
    }
    let name = "\(number)-\(letter.record.fingerprint?.text.prefix(12) ?? "letter").\(Self.ending(of: letter))"
    try NewFile.write(letter.body, to: "\(folder)/\(name)")
    let line = letter.record.json(file: name) + "\n"
    try NewFile.append(Array(line.utf8), to: list, folder + "/letters.jsonl")
  }

  private static func ending(of letter: Letter) -> String {
    let type = letter.record.contentType.flatMap(ContentType.init(header:))
    guard let type, type.isRawFile else { return "json" }
    guard case .file(_, let kind) = LetterPicture(body: letter.body, contentType: letter.record.contentType) else {
      return "bin"
    }
    return LetterPicture.fileExtension(kind)
  }
}
