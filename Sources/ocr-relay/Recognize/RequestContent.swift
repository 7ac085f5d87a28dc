import OCRClient
import OCRContract
import RelayCore

/// What goes into the body of a request.
enum RequestContent: Sendable, Equatable {
  /// The bytes of a file, as they are.
  case file([UInt8], ContentType)
  /// A JSON object of the API.
  case json([UInt8])

  /// Chooses by the first bytes, not by the name of the file. Formats without a content type of the contract travel
  /// as base64 in JSON, and so does what is no known format: the relay says what is wrong with it.
  init(file bytes: [UInt8]) {
    if let contentType = Self.contentType(of: bytes) {
      self = .file(bytes, contentType)
    } else if Self.looksLikeJSON(bytes) {
      self = .json(bytes)
    } else {
      self = .json(Self.object("image", Self.base64(bytes)))
    }
  }

  /// A request for the image at an address.
  init(url: String) {
    var writer = JSONWriter(reserving: url.utf8.count + 16)
    writer.beginObject()
    writer.name("url")
    writer.string(url)
    writer.endObject()
    self = .json(writer.bytes)
  }

  /// The request of a file or address with parameters: in the header for files, in the object for JSON.
  func request(api: String, options: OptionList, timeout: Duration) -> OCRRequest {
    switch self {
    case .file(let bytes, let contentType):
      OCRRequest(api: api, body: .file(bytes, contentType), options: options.json, timeout: timeout)
    case .json(let object):
      OCRRequest(api: api, body: .json(Self.adding(options, to: object)), timeout: timeout)
    }
  }

  /// Puts members in front of those of an object, whose bytes stay as they are.
  static func adding(_ options: OptionList, to object: [UInt8]) -> [UInt8] {
    guard let members = options.json?.dropLast(), let brace = object.firstIndex(of: UInt8(ascii: "{")) else {
      return object
    }
    let rest = object[(brace + 1)...]
    let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "}")
    return object[..<brace] + members + (isEmpty ? [] : [UInt8(ascii: ",")]) + rest
  }

  private static func contentType(of bytes: [UInt8]) -> ContentType? {
    let kind = bytes.withUnsafeBytes { ImageSniffer.sniff($0, isComplete: true).kind }
    return switch kind {
    case .jpeg: .jpeg
    case .png: .png
    case .bmp: .bmp
    case .tiff: .tiff
    case .pdf: .pdf
    case .gif, .webp, .pcx, .ico, .psd, .ofd, .heif, nil: nil
    }
  }

  private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
    bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
  }

  /// Base64 needs no escapes in JSON.
  private static func object(_ name: String, _ text: [UInt8]) -> [UInt8] {
    Array("{\"\(name)\":\"".utf8) + text + Array("\"}".utf8)
  }

  /// The bytes as base64.
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    guard var encoder = Base64Encoder(inputCount: bytes.count) else { return [] }
    let count = encoder.encodedCount
    return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      let space = UnsafeMutableRawBufferPointer(output)
      bytes.withUnsafeBytes { input in
        while !encoder.isAtEnd {
          initialized += encoder.read(input, into: UnsafeMutableRawBufferPointer(rebasing: space[initialized..<count]))
        }
      }
    }
  }
}
