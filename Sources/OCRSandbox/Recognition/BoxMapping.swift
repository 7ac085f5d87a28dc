/// Maps boxes of the picture that was read (enlarged, turned upright) back to the picture as it was sent.
struct BoxMapping: Sendable, Equatable {
  /// How much larger the read picture is.
  var factor: Double
  /// Quarter turns clockwise that were made to get it upright.
  var quarters: Int
  /// Sides of the upright picture before enlarging.
  var width: Int
  var height: Int

  func original(_ box: Box) -> Box {
    let small = Box(
      left: scale(box.left), top: scale(box.top), right: scale(box.right), bottom: scale(box.bottom))
    switch quarters {
    case 1: return Box(left: small.top, top: width - small.right, right: small.bottom, bottom: width - small.left)
    case 2:
      return Box(
        left: width - small.right, top: height - small.bottom, right: width - small.left, bottom: height - small.top)
    case 3: return Box(left: height - small.bottom, top: small.left, right: height - small.top, bottom: small.right)
    default: return small
    }
  }

  private func scale(_ value: Int) -> Int { Int((Double(value) / factor).rounded()) }
}

extension Box {
  /// A box that is larger on each side, within a picture of that size.
  func enlarged(by margin: Int, width: Int, height: Int) -> Box {
    Box(
      left: max(0, left - margin), top: max(0, top - margin), right: min(width, right + margin),
      bottom: min(height, bottom + margin))
  }
}

extension Line {
  /// The same line with every box mapped back.
  func mapped(_ mapping: BoxMapping) -> Line {
    Line(
      words: words.map { word in
        var word = word
        word.box = mapping.original(word.box)
        for index in word.glyphs.indices { word.glyphs[index].box = mapping.original(word.glyphs[index].box) }
        return word
      })
  }
}
