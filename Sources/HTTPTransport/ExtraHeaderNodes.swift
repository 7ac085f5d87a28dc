internal import CCurl

/// List nodes for the headers of one call, chained before a shared list without copying that.
final class ExtraHeaderNodes {
  private var nodes: UnsafeMutableBufferPointer<curl_slist> = .allocate(capacity: 4)

  deinit {
    nodes.deallocate()
  }

  /// The list of `lines` followed by `shared`. Valid until the next call, and while the lines and `shared` live.
  func chain(_ lines: [HTTPHeaderLine], before shared: HTTPHeaders) -> UnsafeMutablePointer<curl_slist>? {
    guard !lines.isEmpty else { return shared.list }
    if lines.count > nodes.count {
      nodes.deallocate()
      nodes = .allocate(capacity: lines.count)
    }
    var next = shared.list
    for index in lines.indices.reversed() {
      nodes.initializeElement(at: index, to: curl_slist(data: lines[index].text, next: next))
      next = nodes.baseAddress.map { $0 + index }
    }
    return next
  }
}
