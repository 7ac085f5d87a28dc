internal import COpenSSL

/// One encryption or decryption with AES-256-GCM by OpenSSL. Traps where only a lack of memory can be the reason.
struct Cipher: ~Copyable {
  private let context: OpaquePointer

  init(key: [UInt8], nonce: [UInt8], encrypts: Bool) {
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("OpenSSL has no memory for a cipher") }
    self.context = context
    // The nonce has 12 bytes, which is the length that GCM expects without being told.
    let status = EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, encrypts ? 1 : 0)
    precondition(status == 1, "OpenSSL offers no AES-256-GCM")
  }

  deinit {
    // Overwrites the key as well.
    EVP_CIPHER_CTX_free(context)
  }

  /// Bytes that are not encrypted and must not change either.
  func authenticate(_ bytes: [UInt8]) {
    var count: Int32 = 0
    let status = EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count))
    precondition(status == 1, "OpenSSL cannot authenticate")
  }

  /// All bytes at once; `output` has room for as many.
  func update(_ bytes: [UInt8], into output: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    var count: Int32 = 0
    let status = EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count))
    precondition(status == 1 && Int(count) == bytes.count, "OpenSSL cannot encrypt or decrypt")
  }

  /// False when the tag does not fit.
  func finish() -> Bool {
    var unused: UInt8 = 0
    var count: Int32 = 0
    let isRight = EVP_CipherFinal_ex(context, &unused, &count) == 1
    ERR_clear_error()
    return isRight
  }

  func readTag(_ tag: inout [UInt8]) -> Bool {
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
  }

  func expectTag(_ tag: [UInt8]) -> Bool {
    var tag = tag
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
  }
}
