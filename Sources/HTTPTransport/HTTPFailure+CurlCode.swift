internal import CCurl

extension HTTPFailure.Kind {
  /// What a code of libcurl means. `beforeRequest`: it came before the request was about to be sent.
  init(_ code: CURLcode, beforeRequest: Bool) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolveFailed
      case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: .connectFailed
      case CURLE_OPERATION_TIMEDOUT: beforeRequest ? .connectTimedOut : .timedOut
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
        CURLE_SSL_INVALIDCERTSTATUS:
        .tlsFailed(.certificateRejected)
      case CURLE_SSL_CONNECT_ERROR: .tlsFailed(.handshakeFailed)
      case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CRL_BADFILE,
        CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
        .tlsFailed(.localSetup)
      case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SSL_SHUTDOWN_FAILED:
        // Before the request, it is the proxy or the handshake that was lost.
        beforeRequest ? .connectFailed : .connectionLost
      case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
      case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2, CURLE_HTTP3: .malformedResponse
      case CURLE_UNSUPPORTED_PROTOCOL: beforeRequest ? .invalidRequest : .malformedResponse
      case CURLE_URL_MALFORMAT: .invalidRequest
      case CURLE_SEND_FAIL_REWIND: .repeatRefused
      case CURLE_OUT_OF_MEMORY: .resourceExhausted
      case CURLE_READ_ERROR: .bodySourceFailed
      default: .other
      }
  }
}
