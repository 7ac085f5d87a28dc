#pragma once
// Base64 encoding, 24 bytes at a time, on processors with AVX2. In C because Swift's vector types have no byte shuffle,
// and because the rest of the program must also run on processors without it.
#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Whether this processor, and the system under it, can run base64_encode_vectors.
static inline int base64_has_vectors(void) { return __builtin_cpu_supports("avx2"); }

// Encodes groups of three bytes as long as whole vectors can be read, and returns how many groups it has done; the
// caller does the rest. Never reads behind source + groups * 3 nor writes behind target + groups * 4.
__attribute__((target("avx2"))) static inline size_t base64_encode_vectors(
    const unsigned char *source, size_t groups, unsigned char *target) {
  // Each half of a vector takes 12 bytes; 16 are read for it.
  const __m256i spread = _mm256_setr_epi8(
      1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // What is added to six bits to make a character: by 0 for a-z, 1 to 10 for digits, 11 for +, 12 for /, 13 for A-Z.
  const __m256i offsets = _mm256_setr_epi8(
      71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19,
      -16, 65, 0, 0);
  size_t done = 0;
  while (groups - done >= 10) {
    const unsigned char *input = source + done * 3;
    __m256i bytes = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)input)), _mm_loadu_si128((const __m128i *)(input + 12)),
        1);
    // Three bytes in each 32 bits, so placed that two multiplications shift all four times six bits apart.
    bytes = _mm256_shuffle_epi8(bytes, spread);
    __m256i odd = _mm256_mulhi_epu16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x0FC0FC00)), _mm256_set1_epi32(0x04000040));
    __m256i even = _mm256_mullo_epi16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x003F03F0)), _mm256_set1_epi32(0x01000010));
    __m256i values = _mm256_or_si256(odd, even);
    __m256i kinds = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
    __m256i capitals = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    kinds = _mm256_or_si256(kinds, _mm256_and_si256(capitals, _mm256_set1_epi8(13)));
    __m256i text = _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, kinds));
    _mm256_storeu_si256((__m256i *)(target + done * 4), text);
    done += 8;
  }
  return done;
}

#else

static inline int base64_has_vectors(void) { return 0; }

static inline size_t base64_encode_vectors(const unsigned char *source, size_t groups, unsigned char *target) {
  (void)source, (void)groups, (void)target;
  return 0;
}

#endif
