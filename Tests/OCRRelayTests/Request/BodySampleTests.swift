import Testing

@testable import OCRRelay

struct BodySampleTests {
  @Test(arguments: [4_097, 5_000, 65_537, 1_000_003, 20 << 20])
  func piecesLieInOrderFromOneEndToTheOther(count: Int) {
    let pieces = Array(BodySample.pieces(ofBodyWith: count))
    #expect(pieces.first?.lowerBound == 0)
    #expect(pieces.last?.upperBound == count)
    for (piece, next) in zip(pieces, pieces.dropFirst()) {
      #expect(piece.upperBound <= next.lowerBound)
      #expect(next.lowerBound - piece.upperBound <= count / 30, "no large part is left out")
    }
  }

  @Test func aLargeBodyCostsAsMuchAsASmallOne() {
    let bytes = BodySample.pieces(ofBodyWith: 10 << 20).reduce(0) { $0 + $1.count }
    #expect(bytes <= BodySample.wholeBytes)
  }
}
