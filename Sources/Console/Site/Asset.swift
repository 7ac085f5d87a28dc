internal import Crypto

/// A file that pages need, built into the program.
enum Asset: String, CaseIterable {
  case style = "style.css"
  case script = "script.js"
  case icon = "icon.svg"

  /// Its bytes.
  var bytes: [UInt8] {
    switch self {
    case .style: PackageResources.style_css
    case .script: PackageResources.script_js
    case .icon: PackageResources.icon_svg
    }
  }

  private var contentType: String {
    switch self {
    case .style: "text/css; charset=utf-8"
    case .script: "text/javascript; charset=utf-8"
    case .icon: "image/svg+xml"
    }
  }

  /// The answer; addresses of pages carry ``version``, so it may be kept.
  var response: ConsoleResponse {
    ConsoleResponse(
      status: 200, contentType: contentType, body: bytes, headers: [("Cache-Control", "public, max-age=86400")])
  }

  /// Changes with any of the files.
  static let version: String = {
    var hash = SHA256()
    for asset in allCases { hash.update(data: asset.bytes) }
    return hash.finalize().prefix(4).map { String($0, radix: 16) }.joined()
  }()
}
