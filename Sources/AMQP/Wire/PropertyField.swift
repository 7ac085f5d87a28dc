/// The fields of basic-class properties; the raw value is the field's bit in the property flags.
public enum PropertyField: Int, Sendable, CaseIterable {
  case contentType = 15
  case contentEncoding = 14
  case headers = 13
  case deliveryMode = 12
  case priority = 11
  case correlationID = 10
  case replyTo = 9
  case expiration = 8
  case messageID = 7
  case timestamp = 6
  case type = 5
  case userID = 4
  case appID = 3
  case clusterID = 2
}
