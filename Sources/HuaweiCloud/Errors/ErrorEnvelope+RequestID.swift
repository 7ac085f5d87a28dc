extension ErrorEnvelope {
  /// Takes every ` (request id: …)` off the end of a message. A chain of gateways appends one each; the last one is of
  /// the gateway that was called, and is the id returned.
  static func strippingRequestIDs(_ message: String) -> (text: String, requestID: String?) {
    let opening = Array("(request id: ".utf8)
    var rest = Array(message.utf8)[...]
    var requestID: String?
    while let start = lastGroup(in: rest, opening: opening) {
      let trimmed = rest.trimmingEnd()
      let id = trimmed[(start + opening.count)..<(trimmed.endIndex - 1)]
      requestID = requestID ?? String(decoding: id, as: UTF8.self)
      rest = rest[..<start].trimmingEnd()
    }
    return requestID == nil ? (message, nil) : (String(decoding: rest, as: UTF8.self), requestID)
  }

  /// Where the group begins that ends the text, if one does.
  private static func lastGroup(in text: ArraySlice<UInt8>, opening: [UInt8]) -> Int? {
    let trimmed = text.trimmingEnd()
    guard trimmed.last == UInt8(ascii: ")"), let start = trimmed.lastIndex(of: UInt8(ascii: "(")),
      trimmed[start...].starts(with: opening),
      !trimmed[start...].dropLast().contains(UInt8(ascii: ")"))
    else { return nil }
    return start
  }
}

extension ArraySlice<UInt8> {
  /// Without white space at the end.
  fileprivate func trimmingEnd() -> ArraySlice<UInt8> {
    guard let last = lastIndex(where: { $0 != 0x20 && ($0 < 0x09 || $0 > 0x0D) }) else { return self[..<startIndex] }
    return self[...last]
  }
}
