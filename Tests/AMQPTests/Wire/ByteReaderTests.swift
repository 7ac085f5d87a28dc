import Testing

@testable import AMQP

@Suite struct ByteReaderTests {
  @Test func readsBigEndianValuesInOrder() {
    let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F]
    bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      #expect(reader.readUInt8() == 0x01)
      #expect(reader.readUInt16() == 0x0203)
      #expect(reader.readUInt32() == 0x0405_0607)
      #expect(reader.readUInt64() == 0x0809_0A0B_0C0D_0E0F)
      #expect(reader.remaining == 0)
    }
  }

  @Test(arguments: 0...8)
  func refusesWhatIsNotThere(count: Int) {
    [UInt8](repeating: 0xFF, count: count).withUnsafeBytes { all in
      var octet = ByteReader(all)
      #expect((octet.readUInt8() != nil) == (count >= 1))
      var short = ByteReader(all)
      #expect((short.readUInt16() != nil) == (count >= 2))
      var long = ByteReader(all)
      #expect((long.readUInt32() != nil) == (count >= 4))
      var longLong = ByteReader(all)
      #expect((longLong.readUInt64() != nil) == (count >= 8))
      // A refused read moves nothing.
      #expect(longLong.position == (count >= 8 ? 8 : 0))
    }
  }

  @Test(arguments: [(-1, nil), (0, 0), (3, 0), (4, nil), (Int.max, nil), (Int.min, nil)] as [(Int, Int?)])
  func skipsWithinBounds(count: Int, start: Int?) {
    [UInt8](repeating: 0, count: 3).withUnsafeBytes { all in
      var reader = ByteReader(all)
      #expect(reader.skip(count) == start)
    }
  }
}
