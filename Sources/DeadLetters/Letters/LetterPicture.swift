internal import OCRContract
public import RelayCore

/// What a request wanted to have read, taken out of its body.
public enum LetterPicture: Sendable, Equatable {
  /// The bytes of a picture or document, and what kind of file they look like.
  case file([UInt8], ImageKind?)
  /// The picture is at an address; only the host is told, because addresses often carry a signature.
  case address(host: String)
  /// There is none, for this reason.
  case none(String)

  /// Finds the picture in the body of a request.
  public init(body: [UInt8], contentType: String?) {
    guard !body.isEmpty else {
      self = .none("The body is empty, or too large to be fetched.")
      return
    }
    if let type = contentType.flatMap(ContentType.init(header:)), type.isRawFile {
      self = Self.file(body)
    } else {
      self = body.withUnsafeBytes { Self.member(of: $0) } ?? Self.file(body)
    }
  }

  /// The usual ending of such a file's name.
  public static func fileExtension(_ kind: ImageKind?) -> String {
    switch kind {
    case .jpeg: "jpg"
    case .png: "png"
    case .bmp: "bmp"
    case .tiff: "tif"
    case .gif: "gif"
    case .webp: "webp"
    case .pcx: "pcx"
    case .ico: "ico"
    case .psd: "psd"
    case .pdf: "pdf"
    case .ofd: "ofd"
    case .heif: "heic"
    case nil: "bin"
    }
  }

  private static func file(_ bytes: [UInt8]) -> LetterPicture {
    let kind = bytes.withUnsafeBytes { ImageSniffer.sniff($0, isComplete: true).kind }
    return .file(bytes, kind)
  }

  /// The picture of a JSON request; nil when the body is no JSON object.
  private static func member(of body: UnsafeRawBufferPointer) -> LetterPicture? {
    let members: ScannedMembers
    do throws(ScanFailure) {
      members = try BodyScanner.scan(body)
    } catch {
      return body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        ? .none("The body is not readable JSON; it can be saved as it is.") : nil
    }
    if let image = value("image", members, body) { return file(decoded(image)) }
    if let address = value("url", members, body) { return .address(host: host(of: address)) }
    return .none("The request has neither image nor url.")
  }

  private static func value(
    _ name: String, _ members: ScannedMembers, _ body: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer? {
    for position in 0..<members.count where members[position].kind == .string {
      let member = members[position]
      guard body[member.name].elementsEqual(name.utf8) else { continue }
      return UnsafeRawBufferPointer(rebasing: body[member.value])
    }
    return nil
  }

  /// Some encoders write `\/` for a slash or `\u002B` for a plus, and some programs put a `data:` prefix first.
  private static func decoded(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var base64 = text[...]
    if base64.starts(with: "data:".utf8), let comma = base64.firstIndex(of: UInt8(ascii: ",")) {
      base64 = base64[(comma + 1)...]
    }
    guard base64.contains(UInt8(ascii: "\\")) else {
      return Base64Decoder.decodePrefix(UnsafeRawBufferPointer(rebasing: base64), limit: .max)
    }
    return unescaped(base64).withUnsafeBytes { Base64Decoder.decodePrefix($0, limit: .max) }
  }

  private static func unescaped(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    let quote = [UInt8(ascii: "\"")]
    let value = try? JSONReader.read(quote + text + quote, limit: .max, text: .repair)
    return Array((value?.text ?? "").utf8)
  }

  private static func host(of address: UnsafeRawBufferPointer) -> String {
    let text = String(decoding: unescaped(address[...]), as: UTF8.self)
    let rest = text.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return String((authority.split(separator: "@").last ?? "").prefix(255))
  }
}
