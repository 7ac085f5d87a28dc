import OCRContract

/// Checks the members of one request object against the description of its API: types, documented values, and which
/// of them must or must not stand together. Members that the description does not know pass: the service may have
/// learnt new ones.
struct ParameterChecker {
  /// What the later checks need to find again.
  struct Found {
    var image: ScannedMember?
    var url: ScannedMember?
  }

  let api: APIDescription
  /// The JSON text. Unowned: a checker lives within one call of the validator.
  let text: UnsafeRawBufferPointer
  let limits: ValidationPolicy.DocumentedLimits
  /// How an error text calls the JSON: "the body" or "the header ocr-options".
  let place: StaticString
  /// False for options beside a binary body, which is the image itself.
  let mayCarryImage: Bool

  /// Checks all members.
  func check(_ members: borrowing ScannedMembers) throws(RequestRejection) -> Found {
    var found = Found()
    var seen: UInt64 = 0
    for number in 0..<members.count {
      let member = members[number]
      guard let position = api.parameterIndex.position(of: bytes(member.name)) else {
        try checkUnknown(member)
        continue
      }
      // JSON's null says that the parameter is not there, as serialisers write it for an empty field.
      if member.kind == .null { continue }
      seen |= 1 << UInt64(position)
      switch api.parameters[position].kind {
      case .image: found.image = member
      case .url: found.url = member
      default: break
      }
      try checkValue(member, api.parameters[position])
    }
    try checkTogether(seen)
    return found
  }

  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[range]) }

  /// A name that differs only in case is a slip, and to some JSON readers it even means the same.
  private func checkUnknown(_ member: ScannedMember) throws(RequestRejection) {
    let name = bytes(member.name)
    for parameter in api.parameters where ASCII.isSameIgnoringCase(name, parameter.name) {
      throw invalid("has \"\(ASCII.printable(name))\"; did you mean \"\(parameter.name)\"?", member)
    }
  }

  private func checkTogether(_ seen: UInt64) throws(RequestRejection) {
    for (group, names) in zip(api.exclusiveSets, api.exactlyOneOf) {
      let count = (seen & group).nonzeroBitCount
      let isImage = api.imageParameter.map { group >> UInt64($0) & 1 == 1 } ?? false
      if isImage, !mayCarryImage || count == 1 { continue }
      if !isImage, count == 1 { continue }
      let list = names.map { "\"\($0)\"" }.joined(separator: " or ")
      throw RequestRejection(
        isImage ? (count == 0 ? .imageMissing : .imageAndURL) : .optionsInvalid,
        "\(place) must have exactly one of \(list), and has \(count == 0 ? "none" : "\(count)")")
    }
    let missing = api.requiredSet & ~seen
    guard missing == 0 else {
      let name = api.parameters[missing.trailingZeroBitCount].name
      throw RequestRejection(.optionsInvalid, "\(place) lacks \"\(name)\", which \(api.name) requires")
    }
  }

  private func checkValue(_ member: ScannedMember, _ parameter: APIParameter) throws(RequestRejection) {
    switch parameter.kind {
    case .image, .url:
      guard mayCarryImage else { throw invalid("must not have \"\(parameter.name)\": the body is the image", member) }
      try require(member.kind == .string, "a string", member, parameter)
    case .boolean: try require(member.kind == .boolean, "true or false, without quotes", member, parameter)
    case .integer:
      try require(member.kind == .integer, "a whole number, without quotes", member, parameter)
      try checkRange(member, parameter)
    case .number: try require(member.kind == .integer || member.kind == .number, "a number", member, parameter)
    case .string:
      try require(member.kind == .string, "a string", member, parameter)
      try checkListed(member, parameter)
    case .strings:
      try require(member.kind == .array, "a list of strings", member, parameter)
      try checkElements(member, parameter)
    case .object: try require(member.kind == .object, "an object", member, parameter)
    }
  }

  private func checkRange(_ member: ScannedMember, _ parameter: APIParameter) throws(RequestRejection) {
    guard limits == .enforce else { return }
    let number = Int(String(decoding: bytes(member.value), as: UTF8.self))
    if let number, number >= parameter.minimum ?? .min, number <= parameter.maximum ?? .max { return }
    let range =
      switch (parameter.minimum, parameter.maximum) {
      case (let low?, let high?): "a whole number from \(low) to \(high)"
      case (let low?, nil): "a whole number, \(low) or more"
      case (nil, let high?): "a whole number, \(high) or less"
      case (nil, nil): "a whole number of at most 64 bits"
      }
    try require(false, range, member, parameter)
  }

  private func checkListed(_ member: ScannedMember, _ parameter: APIParameter) throws(RequestRejection) {
    guard limits == .enforce, !parameter.values.isEmpty else { return }
    try require(isListed(bytes(member.value), member.escapes, parameter), listed(parameter), member, parameter)
  }

  private func checkElements(_ member: ScannedMember, _ parameter: APIParameter) throws(RequestRejection) {
    // The scan has checked the syntax, so the list is well formed and only its elements are of interest.
    var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: text[..<member.value.upperBound]))
    cursor.advance(by: member.value.lowerBound + 1)
    cursor.skipWhitespace()
    if cursor.peek == UInt8(ascii: "]") { return }
    repeat {
      cursor.skipWhitespace()
      let isString = cursor.take(UInt8(ascii: "\""))
      try require(isString, "a list of strings", member, parameter)
      guard let string = try? cursor.scanString() else { return }
      if limits == .enforce, !parameter.values.isEmpty {
        let isKnown = isListed(bytes(string.range), string.escapes, parameter)
        try require(isKnown, "a list, each element \(listed(parameter))", member, parameter)
      }
      cursor.skipWhitespace()
    } while cursor.take(UInt8(ascii: ","))
  }

  private func isListed(
    _ value: UnsafeRawBufferPointer, _ escapes: ScannedMember.Escapes, _ parameter: APIParameter
  ) -> Bool {
    guard escapes != .none else { return parameter.values.contains { ASCII.isSame(value, $0) } }
    guard let plain = EscapedText.decoded(value, limit: 64) else { return false }
    return parameter.values.contains { $0.utf8.elementsEqual(plain) }
  }

  private func listed(_ parameter: APIParameter) -> String {
    "one of " + parameter.values.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  @inline(__always)
  private func require(
    _ isMet: Bool, _ wanted: @autoclosure () -> String, _ member: ScannedMember, _ parameter: APIParameter
  ) throws(RequestRejection) {
    if isMet { return }
    throw invalid("must have \(wanted()) in \"\(parameter.name)\"", member)
  }

  private func invalid(_ problem: String, _ member: ScannedMember) -> RequestRejection {
    RequestRejection(.optionsInvalid, "\(place) \(problem) (byte \(member.name.lowerBound - 1))")
  }
}
