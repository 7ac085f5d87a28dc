/// A page that says one thing.
struct MessagePage {
  let frame: PageFrame
  let title: String
  let text: String
  var tab: PageFrame.Tab?

  var markup: Markup {
    frame.page(
      title, tab: tab,
      """
      <h1>\(title)</h1><p>\(text)</p>
      <p><a class="button" href="/">\(frame.say("To the overview", "返回概览"))</a></p>
      """)
  }
}
