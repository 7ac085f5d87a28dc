import OCRContract
public import RelayCore

/// A request for a token by user name and password (`POST /v3/auth/tokens`).
public struct IAMTokenRequest: Sendable, Equatable {
  /// The project the token is to be for. OCR takes no token without project.
  public enum Project: Sendable, Equatable {
    /// By name, which is the region, such as `cn-north-4`.
    case name(String)
    /// By id.
    case id(String)
  }

  /// Path and query; the query leaves the long service catalog out of the answer.
  public static let path = "/v3/auth/tokens?nocatalog=true"
  /// Value of the header `Content-Type`.
  public static let contentType = "application/json;charset=utf8"

  /// The IAM user.
  public let user: String
  /// The user's password.
  public let password: Secret
  /// The account that owns the user.
  public let domain: String
  /// The project.
  public let project: Project

  /// Makes a request.
  ///
  /// - Parameter domain: the account's name; nil means that it is called like the user.
  public init(user: String, password: Secret, domain: String? = nil, project: Project) {
    self.user = user
    self.password = password
    self.domain = domain ?? user
    self.project = project
  }

  /// The body. It holds the password: hand it to the transport only.
  public func body() -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    writer.beginObject()
    writer.object("auth") { writer in
      writer.object("identity") { writer in
        writer.name("methods")
        writer.beginArray()
        writer.string("password")
        writer.endArray()
        writer.object("password") { writer in
          writer.object("user") { writer in
            writer.text("name", user)
            writer.text("password", password.reveal())
            writer.object("domain") { $0.text("name", domain) }
          }
        }
      }
      writer.object("scope") { writer in
        writer.object("project") { writer in
          switch project {
          case .name(let name): writer.text("name", name)
          case .id(let id): writer.text("id", id)
          }
        }
      }
    }
    writer.endObject()
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func object(_ name: String, _ content: (inout JSONWriter) -> Void) {
    self.name(name)
    beginObject()
    content(&self)
    endObject()
  }

  fileprivate mutating func text(_ name: String, _ value: String) {
    self.name(name)
    string(value)
  }
}
