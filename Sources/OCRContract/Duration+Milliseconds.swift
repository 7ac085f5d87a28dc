extension Duration {
  /// Whole milliseconds, rounded up so that nobody comes back too early; bounded by what `Int` holds.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (sum, overflow2) = product.addingReportingOverflow(part)
    if overflow || overflow2 { return seconds < 0 ? .min : .max }
    return Int(sum)
  }
}
