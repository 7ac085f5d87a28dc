import Testing

@testable import AMQP

@Suite struct DeliveryLedgerTests {
  /// The broker's side: deliveries that it holds as unacknowledged.
  private struct Broker {
    var unacknowledged: Set<UInt64> = []
    var acknowledged: Set<UInt64> = []

    /// What RabbitMQ does with an acknowledgement; a tag that is not unacknowledged would close the channel.
    mutating func ack(_ tag: UInt64, multiple: Bool) -> Bool {
      guard unacknowledged.contains(tag) else { return false }
      let covered = multiple ? unacknowledged.filter { $0 <= tag } : [tag]
      unacknowledged.subtract(covered)
      acknowledged.formUnion(covered)
      return true
    }
  }

  @Test(
    arguments: [
      ([1, 2, 3], [(3, true)]),
      ([1], [(1, false)]),
      ([2, 3], [(2, false), (3, false)]),
      ([3, 1, 2], [(3, true)]),
      ([1, 2, 4], [(2, true), (4, false)]),
      ([5], [(5, false)]),
      ([], []),
    ] as [([UInt64], [(UInt64, Bool)])])
  func acksOfATurnAreMerged(settled: [UInt64], expected: [(UInt64, Bool)]) {
    var ledger = DeliveryLedger()
    for tag in UInt64(1)...5 { #expect(ledger.deliver(tag) == true) }
    for tag in settled { #expect(ledger.ack(tag) == true) }
    var sent: [(UInt64, Bool)] = []
    ledger.flush { sent.append(($0, $1)) }
    #expect(sent.map(\.0) == expected.map(\.0))
    #expect(sent.map(\.1) == expected.map(\.1))
    #expect(ledger.outstanding == 5 - settled.count)
    ledger.flush { _, _ in Issue.record("an acknowledgement was handed out twice") }
  }

  @Test func tagsMustFollowEachOther() {
    var ledger = DeliveryLedger()
    #expect(ledger.deliver(0) == false)
    #expect(ledger.deliver(2) == false)
    #expect(ledger.deliver(1) == true)
    #expect(ledger.deliver(1) == false)
    #expect(ledger.deliver(.max) == false)
    #expect(ledger.deliver(2) == true)
  }

  @Test func unknownAndSettledTagsAreRefused() {
    var ledger = DeliveryLedger()
    #expect(ledger.ack(1) == false)
    #expect(ledger.deliver(1) == true)
    #expect(ledger.ack(1) == true)
    #expect(ledger.ack(1) == false)
    #expect(ledger.settleAtOnce(1) == false)
    ledger.flush { _, _ in }
    #expect(ledger.ack(1) == false)
    #expect(ledger.ack(.max) == false)
  }

  @Test func randomHistoriesAgreeWithTheBroker() {
    var random = SeededRandom.announced()
    for _ in 0..<60 {
      var ledger = DeliveryLedger()
      var broker = Broker()
      var open: Set<UInt64> = []
      var due: Set<UInt64> = []
      var next: UInt64 = 1
      for _ in 0..<500 {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
          #expect(ledger.deliver(next) == true)
          broker.unacknowledged.insert(next)
          open.insert(next)
          next += 1
        case 4..<8:
          guard let tag = open.randomElement(using: &random) else { continue }
          open.remove(tag)
          due.insert(tag)
          #expect(ledger.ack(tag) == true)
        case 8:
          guard let tag = open.randomElement(using: &random) else { continue }
          open.remove(tag)
          #expect(ledger.settleAtOnce(tag) == true)
          #expect(broker.unacknowledged.remove(tag) != nil)
        default:
          broker.acknowledged = []
          ledger.flush { tag, multiple in
            #expect(broker.ack(tag, multiple: multiple) == true, "acknowledged \(tag) (multiple: \(multiple)) twice")
          }
          #expect(broker.acknowledged == due)
          due = []
          #expect(broker.unacknowledged == open)
        }
        #expect(ledger.outstanding == open.count)
      }
    }
  }
}
