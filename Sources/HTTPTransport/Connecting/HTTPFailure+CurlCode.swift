internal import CCurl

extension HTTPFailure.Kind {
  /// What it means that libcurl could not make a connection.
  init(_ code: CURLcode) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolveFailed
      case CURLE_OPERATION_TIMEDOUT: .connectTimedOut
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
        CURLE_SSL_INVALIDCERTSTATUS:
        .tlsFailed(.certificateRejected)
      case CURLE_SSL_CONNECT_ERROR: .tlsFailed(.handshakeFailed)
      case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CRL_BADFILE,
        CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
        .tlsFailed(.localSetup)
      // The last ones come from a proxy, or from a handshake that broke off.
      case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
        CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY:
        .connectFailed
      case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: .invalidRequest
      case CURLE_OUT_OF_MEMORY: .resourceExhausted
      default: .other
      }
  }
}
