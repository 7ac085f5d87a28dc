import OCRContract
import Testing

struct OutcomeNoticeTests {
  @Test func golden() {
    let notice = OutcomeNotice(messageID: "a\"b", outcome: "OCR_POISON", deadLetter: "ocr.dead.poison")
    let text = #"{"message_id":"a\"b","outcome":"OCR_POISON","dead_letter":"ocr.dead.poison"}"#
    #expect(String(decoding: notice.encoded(), as: UTF8.self) == text)
    #expect(OutcomeNotice(decoding: notice.encoded()) == notice)
    let success = OutcomeNotice(messageID: "m", outcome: OutcomeNotice.success)
    let short = #"{"message_id":"m","outcome":"ok","dead_letter":null}"#
    #expect(String(decoding: success.encoded(), as: UTF8.self) == short)
    #expect(OutcomeNotice(decoding: success.encoded()) == success)
  }

  @Test(arguments: ["", "{}", "[]", #"{"message_id":"m"}"#, #"{"message_id":1,"outcome":"ok"}"#])
  func whatIsNoneIsRefused(_ text: String) {
    #expect(OutcomeNotice(decoding: Array(text.utf8)) == nil)
  }
}
