/// A value of an AMQP field table, as this service sends it.
public enum FieldValue: Sendable, Hashable {
  /// `t`: a boolean.
  case bool(Bool)
  /// `I`: a signed 32-bit integer; queue arguments such as `x-delivery-limit` use it.
  case int32(Int32)
  /// `l`: a signed 64-bit integer.
  case int64(Int64)
  /// `S`: UTF-8 text.
  case string(String)
  /// `F`: a nested table.
  case table([String: FieldValue])
}
