/// Something around a test that did not work, so that the test cannot tell anything.
struct TestFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
