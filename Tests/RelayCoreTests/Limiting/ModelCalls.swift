import RelayCore

/// The keeper's part in calls at once, as the script in Redis does it.
struct ModelCalls {
  private var counted: [Int: Int] = [:]
  private var most = 0
  private var bound = 0
  private var cut = Duration.seconds(-1_000)
  private var base = 0
  private var isTried = false
  private var born: Duration?
  private var short = Duration.seconds(-1_000)

  mutating func take(
    _ request: CallsRequest, of member: Int, asking: Int, answered: Int, heard: [Int: Duration], now: Duration
  ) -> CallsAnswer {
    if bound != request.limit { (bound, most) = (request.limit, request.limit) }
    let born = born ?? now
    self.born = born
    counted = counted.filter { $0.key == member || (heard[$0.key] ?? .zero) >= now - .seconds(10) }
    let others = counted.filter { $0.key != member }.values.reduce(0, +)
    let sum = others + (counted[member] ?? 0)
    if request.isCut, now - cut > .seconds(3) {
      most = max(1, isTried ? most - 1 : min(most, sum) / 2)
      (cut, base, isTried) = (now, answered, false)
    } else if most < bound, sum >= most, now - cut > .seconds(10), answered - base >= max(100, most) {
      (most, base, isTried) = (most + 1, answered, true)
    }
    let even = max(1, most / asking)
    var target = max(0, min(request.wanted, most - others))
    if now - short < .seconds(1) { target = min(target, even) }
    if target < min(request.wanted, even) { short = now }
    if now - born < .milliseconds(1_500) { target = min(target, request.held) }
    counted[member] = max(target, request.held)
    return CallsAnswer(allotment: target, limit: most)
  }
}
