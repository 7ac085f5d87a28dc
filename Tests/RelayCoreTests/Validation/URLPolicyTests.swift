import OCRContract
import RelayCore
import Testing

struct URLPolicyTests {
  private func check(_ url: String, _ policy: URLPolicy = URLPolicy()) -> RequestRejection? {
    let result = Array(url.utf8).withUnsafeBytes { url in
      Result { () throws(RequestRejection) in try policy.check(url) }
    }
    guard case .failure(let rejection) = result else { return nil }
    return rejection
  }

  @Test(arguments: [
    "https://obs.example.com/bucket/a.jpg", "http://example.com", "https://example.com:8443/a", "HTTPS://EXAMPLE.com/",
    "https://bucket.obs.cn-north-4.example.com/a%20b.png?AccessKeyId=K&Expires=1&Signature=a%2Bb%3D",
    "https://example.com./a", "https://xn--fsqu00a.xn--0zwm56d/", "https://a_b.example.com/", "https://1.example/",
    "https://example.com/a@b", "https://example.com/?u=user@host", "https://example.com/#x", "https://8.8.8.8/a",
    "https://[2606:4700:4700::1111]/a", "https://[2606:4700:4700::1111]:443/", "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::808:808]/", "https://example.com?x", "https://localhost.example.com/", "https://172.32.0.1/",
    "https://example.com/|{}^",
  ])
  func passes(_ url: String) {
    #expect(check(url) == nil)
  }

  @Test(arguments: [
    // this computer, private networks, metadata services
    "http://127.0.0.1/", "http://127.1.2.3:8080/", "http://0.0.0.0/", "http://10.0.0.1/", "http://10.255.255.255/",
    "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://192.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/",
    "http://198.51.100.7/", "http://203.0.113.7/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://127.0.0.1./", "http://169.254.169.254:80",
    // the same in other spellings
    "http://2130706433/", "http://0x7f000001/", "http://0X7F.0.0.1/", "http://017700000001/", "http://0177.0.0.1/",
    "http://127.1/", "http://127.0.1/", "http://0/", "http://00000/", "http://127.0.0.01/", "http://127.0.0.0x1/",
    "http://3232235777/", "http://0xa9fea9fe/", "http://2852039166/", "http://169.254.43518/",
    "http://0xA9.254.0251.254/",
    "http://256.256.256.256/", "http://1.2.3.4.5/", "http://8.8.8.8.8/", "http://010.8.8.8/", "http://1e100.1/",
    // IPv6
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/", "http://[0:0:0:0:0:ffff:10.0.0.1]/", "http://[::127.0.0.1]/", "http://[::7f00:1]/",
    "http://[fe80::1]/", "http://[febf::1]/", "http://[fec0::1]/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
    "http://[ff02::1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:db8::1]/", "http://[2001::1]/",
    "http://[3fff::1]/", "http://[100::1]/", "http://[fe80::1%25eth0]/", "http://[::1", "http://[]/", "http://[:::1]/",
    "http://[1::2::3]/", "http://[12345::]/", "http://[1:2:3:4:5:6:7:8:9]/", "http://[1:2:3]/", "http://[::1]x/",
    "http://[v1.fe80]/", "http://::1/", "http://[1:2:3:4:5:6:7::8:9]/", "http://[::1:]/",
    // names of the inside
    "http://localhost/", "http://LOCALHOST:80/", "http://localhost./", "http://a.localhost/", "http://intranet/",
    "http://metadata/", "http://metadata.google.internal/", "http://db.local/", "http://x.corp/", "http://x.lan/",
    "http://127.0.0.1.nip.io/", "http://10-0-0-1.sslip.io/", "http://localtest.me/", "http://x.lvh.me/",
    "http://1.0.0.127.in-addr.arpa/", "http://printer.home/",
    // two readings of one address
    "http://user@example.com/", "http://user:password@example.com/", "http://example.com@127.0.0.1/",
    "http://@example.com/",
    "http://example.com\\@127.0.0.1/", "http:\\\\127.0.0.1\\", "http://127.0.0.1\\.example.com/", "http:/127.0.0.1/",
    "http:127.0.0.1", "http:///127.0.0.1/", "http://example.com:80:80/", "http://example.com:/",
    "http://example.com:0/",
    "http://example.com:65536/", "http://example.com:8o/", "http://example.com:-1/", "http://%31%32%37.0.0.1/",
    "http://example.com%2f@127.0.0.1/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://ⓔxample.com/",
    "http://例子.测试/", "http://exa mple.com/", "http://example.com\t/", "http://example.com/\r\nX-Auth-Token: a",
    "http://example.com/\u{0}", "http://example.com/\u{7F}", " http://example.com/", "http://example.com/ä",
    "http://.example.com/", "http://example..com/", "http://./", "http://", "http://?x", "http://#", "http://:80/",
    "http://exam!ple.com/", "http://example.com,127.0.0.1/", "http://example.com;127.0.0.1/",
    // other schemes
    "", "/etc/passwd", "//example.com/", "file:///etc/passwd", "ftp://example.com/", "gopher://example.com:70/",
    "javascript:alert(1)", "data:image/png;base64,QUJD", "obs://bucket/a.jpg", "httpx://example.com/", "https:",
    "view-source:http://example.com/", "jar:http://example.com!/",
  ])
  func refuses(_ url: String) {
    let rejection = check(url)
    #expect(rejection != nil)
    #expect([.urlInvalid, .urlForbidden].contains(rejection?.code))
    // What is refused is not repeated either: an address can be a credential.
    #expect(rejection?.detail.contains("example.com") == false)
  }

  /// Every byte at every place of a path that is looked at in blocks, and the place that the refusal names.
  @Test func seesEveryByteOfAnAddress() {
    let host = Array("https://example.com/".utf8)
    for length in [1, 11, 12, 13, 28, 29, 45] {
      for place in 0..<length {
        for byte in UInt8.min ... .max {
          var url = host + [UInt8](repeating: 0x61, count: length)
          url[host.count + place] = byte
          let result = url.withUnsafeBytes { url in
            Result { () throws(RequestRejection) in try URLPolicy().check(url) }
          }
          let isAllowed = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\")
          switch result {
          case .success: #expect(isAllowed, "byte \(byte) at \(place) of \(length)")
          case .failure(let rejection):
            #expect(!isAllowed && rejection.detail.contains("at byte \(host.count + place);"), "\(rejection.detail)")
          }
        }
      }
    }
  }

  @Test func limitsLengths() {
    let base = "https://example.com/"
    #expect(check(base + String(repeating: "a", count: 2048 - base.utf8.count)) == nil)
    #expect(check(base + String(repeating: "a", count: 2049 - base.utf8.count))?.code == .urlInvalid)
    let label = String(repeating: "a", count: 63)
    #expect(check("https://\(label).com/") == nil)
    #expect(check("https://\(label)a.com/")?.code == .urlInvalid)
    #expect(check("https://\(label).\(label).\(label).\(label).com/")?.code == .urlInvalid)
  }

  @Test(arguments: 0..<40)
  func findsForbiddenBytesAnywhere(_ place: Int) {
    for byte in [0x00, 0x0A, 0x1F, 0x20, 0x5C, 0x7F] as [UInt8] {
      var path = [UInt8](repeating: UInt8(ascii: "~"), count: 40)
      path[place] = byte
      let rejection = check("https://example.com/" + String(decoding: path, as: UTF8.self))
      #expect(rejection?.detail.contains("at byte \(20 + place);") == true)
    }
  }

  @Test func obeysTheOperator() {
    #expect(check("https://example.com/", URLPolicy(isAllowed: false))?.code == .urlForbidden)
    #expect(check("http://example.com/", URLPolicy(allowsHTTP: false))?.code == .urlForbidden)
    #expect(check("https://example.com/", URLPolicy(allowsHTTP: false)) == nil)
    #expect(check("https://8.8.8.8/", URLPolicy(allowsAddressLiterals: false))?.code == .urlForbidden)
    #expect(check("https://[2606:4700::1]/", URLPolicy(allowsAddressLiterals: false))?.code == .urlForbidden)
    let list = URLPolicy(allowedHosts: ["images.example.com", ".obs.example.com"])
    for host in ["images.example.com", "IMAGES.example.com:443", "images.example.com.", "b.obs.example.com"] {
      #expect(check("https://\(host)/", list) == nil)
    }
    for host in [
      "example.com", "ximages.example.com", "obs.example.com", "obs.example.com.evil.com", "xobs.example.com",
    ] {
      #expect(check("https://\(host)/", list)?.code == .urlForbidden)
    }
    let trusted = URLPolicy(trustedPrivateHosts: ["127.0.0.1", "images.local"])
    #expect(check("http://127.0.0.1:8080/", trusted) == nil)
    #expect(check("http://Images.local/", trusted) == nil)
    #expect(check("http://127.0.0.2/", trusted)?.code == .urlForbidden)
    #expect(check("http://user@127.0.0.1/", trusted)?.code == .urlForbidden)
  }

  @Test func survivesAnyBytes() {
    let seed = CheckRandom.seed("URLPolicy")
    var random = CheckRandom(seed: seed)
    let alphabet = Array("http://[]:.0123456789abcdefx@/?#%-_".utf8)
    let starts = ["https://", "http://[", "http://127.", "https://a.example/", ""]
    for _ in 0..<50_000 {
      let tail = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let url = (starts.randomElement(using: &random) ?? "") + String(decoding: tail, as: UTF8.self)
      if check(url) == nil {
        let rest = url.drop { $0 != ":" }.dropFirst(3).prefix { !"/?#".contains($0) }
        #expect(!rest.contains("@") && rest.contains { ".:".contains($0) }, "seed \(seed): \(url)")
      }
    }
  }
}
