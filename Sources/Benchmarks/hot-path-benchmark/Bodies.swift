/// Bodies of requests.
enum Bodies {
  /// JSON with an address, 1 KB.
  static let address = json("{\"url\":\"https://pictures.example.com/", size: 1_024)

  /// JSON with a picture in base64.
  static func picture(size: Int) -> [UInt8] {
    json("{\"image\":\"iVBORw0KGgoAAAANSUhEUgAAB9AAAAfQCAIAAAAA", size: size)
  }

  private static func json(_ begin: String, size: Int) -> [UInt8] {
    var body = Array(begin.utf8)
    while body.count < size - 2 { body.append(UInt8(ascii: "A") + UInt8(body.count % 26)) }
    return body + Array("\"}".utf8)
  }
}
