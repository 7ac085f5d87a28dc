internal import OCRContract
public import RelayCore

/// The two ways to an access token with an app id and its secret.
public struct AppSecretRequest: Sendable, Equatable {
  /// Path of the login.
  public static let loginPath = "/iocm/app/sec/v1.1.0/login"
  /// Path of the renewal by refresh token.
  public static let refreshPath = "/iocm/app/sec/v1.1.0/refreshToken"
  /// `Content-Type` of the login's body.
  public static let loginContentType = "application/x-www-form-urlencoded"
  /// `Content-Type` of the renewal's body.
  public static let refreshContentType = "application/json"

  /// The application.
  public let appID: String
  /// Its secret.
  public let secret: Secret

  /// Makes a request.
  public init(appID: String, secret: Secret) {
    self.appID = appID
    self.secret = secret
  }

  /// The form of a login. It holds the secret: hand it to the transport only.
  public func loginBody() -> [UInt8] {
    var body = Array("appId=".utf8)
    URIEncoding.append(appID.utf8, to: &body)
    body.append(contentsOf: "&secret=".utf8)
    URIEncoding.append(secret.reveal().utf8, to: &body)
    return body
  }

  /// The JSON of a renewal. It holds the secret: hand it to the transport only.
  public func refreshBody(_ refreshText: Secret) -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    writer.beginObject()
    for (name, value) in [
      ("appId", appID), ("secret", secret.reveal()), ("refreshToken", refreshText.reveal()),
    ] {
      writer.name(name)
      writer.string(value)
    }
    writer.endObject()
    return writer.bytes
  }
}
