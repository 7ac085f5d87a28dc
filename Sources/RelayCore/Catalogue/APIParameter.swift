/// One member of an API's request object: its name, its type and the values the service documents for it.
public struct APIParameter: Sendable, Equatable {
  /// What the value must be in JSON.
  public enum Kind: Sendable, Equatable {
    /// Base64 text of an image or document.
    case image
    /// Address that the OCR service downloads the image from.
    case url
    /// `true` or `false`.
    case boolean
    /// A whole number.
    case integer
    /// Any number.
    case number
    /// Text.
    case string
    /// A list of texts.
    case strings
    /// An object whose members are not described further.
    case object
  }

  /// Name as it stands in the request object.
  public let name: String
  /// JSON type.
  public let kind: Kind
  /// The values allowed for a text, or for each element of a list of texts; empty when any text will do.
  public let values: [String]
  /// Smallest allowed number.
  public let minimum: Int?
  /// Largest allowed number.
  public let maximum: Int?
  /// True when the service answers every request without it with an error.
  public let isRequired: Bool

  /// A parameter from its parts.
  public init(
    _ name: String, _ kind: Kind, values: [String] = [], minimum: Int? = nil, maximum: Int? = nil,
    isRequired: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.values = values
    self.minimum = minimum
    self.maximum = maximum
    self.isRequired = isRequired
  }
}
