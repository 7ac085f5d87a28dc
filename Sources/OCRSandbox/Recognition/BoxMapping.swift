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
