import Testing

@testable import ocr_relay

@Suite struct ServeArgumentsTests {
  @Test(
    arguments: [
      (["serve"], nil), (["serve", "-c", "a.yaml"], "a.yaml"), (["serve", "--config", "a.yaml"], "a.yaml"),
      (["serve", "--config=a.yaml"], "a.yaml"),
    ] as [([String], String?)])
  func plainFormsAreRead(arguments: [String], file: String?) throws {
    let read = try #require(ServeArguments(arguments))
    #expect(read.configurationFile == file)
  }

  @Test(arguments: [
    [], ["recognize"], ["serve", "--help"], ["serve", "-c"], ["serve", "--config", "--help"], ["serve", "--config="],
    ["serve", "x"], ["serve", "-c", "a", "b"], ["--help"], ["help", "serve"],
  ])
  func everythingElseIsLeftToTheParser(arguments: [String]) {
    #expect(ServeArguments(arguments) == nil)
  }
}
