import OCRContract
import RelayCore

extension ErrorEntry {
  /// Reads a row of the generated table. Traps on a row it cannot read: that is a fault of the generator, which the
  /// tests would have met.
  init(row: Substring) {
    let columns = row.split(separator: "|", maxSplits: 11, omittingEmptySubsequences: false).map(String.init)
    guard columns.count == 12, let domain = ErrorDomain(rawValue: columns[0]),
      let retry = RetryRule(rawValue: columns[5]), let scope = FailureScope(rawValue: columns[7])
    else { preconditionFailure("The generated error table has a bad row for code \(columns.dropFirst().first ?? "").") }
    self.domain = domain
    self.code = columns[1]
    self.statuses = columns[2].split(separator: ",").compactMap { Int($0) }
    self.phrases = columns[3].split(separator: ";").map(String.init)
    self.errorClass = ErrorClass(rawValue: columns[4])
    self.retry = retry
    self.deadLetter = columns[6] == "dead"
    self.scope = scope
    self.minimumWait = Int(columns[8]).map { .seconds($0) }
    self.maxAttempts = Int(columns[9])
    self.throttle = columns[10].isEmpty ? .rate : .concurrency
    self.advice = columns[11]
  }
}
