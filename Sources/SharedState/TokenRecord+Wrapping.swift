internal import RelayCore

extension TokenRecord {
  /// The record out of what a store holds; nothing known when there is none, and with the reason when it cannot be read.
  static func read(
    _ bytes: [UInt8], _ wrapping: Wrapping, context: String
  ) -> (record: TokenRecord, problem: String?) {
    guard !bytes.isEmpty else { return (TokenRecord(), nil) }
    do throws(SealFailure) {
      let opened = try wrapping.unwrap(bytes, context: context)
      guard let record = TokenRecord(bytes: opened) else {
        return (
          TokenRecord(), "it is no record of a token, or of another version, or sealed with a key that is missing here"
        )
      }
      return (record, nil)
    } catch {
      return (TokenRecord(), error.description)
    }
  }
}
