import Testing

@testable import Console

struct MarkupTests {
  @Test func valuesAreEscaped() {
    let outside = "<script>alert('1')</script>\" onerror=\"x&"
    let page: Markup = "<p title=\"\(outside)\">\(outside)</p>"
    let harmless = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onerror=&quot;x&amp;"
    #expect(page.text == "<p title=\"\(harmless)\">\(harmless)</p>")
  }

  @Test func markupStaysMarkup() {
    let inner: Markup = "<b>\("<")</b>"
    let page: Markup = "<p>\(inner)\([inner, inner])\(7)</p>"
    #expect(page.text == "<p><b>&lt;</b><b>&lt;</b><b>&lt;</b>7</p>")
  }

  @Test func whatTurnsOtherTextIsReplaced() {
    #expect(Markup.escaped("a\u{202E}b\u{0}c\u{1B}[31m\u{200B}\u{2066}\u{E0041}") == "a�b�c�[31m���")
    #expect(Markup.escaped("发票 é\n\t") == "发票 é\n\t")
  }
}
