// The bodies of requests: JSON with an address (below 4 KiB) or a picture, or the picture itself.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The begin of a PNG of 2,000 by 2,000 pixels; 30 bytes, so that its base64 ends without padding.
static const unsigned char picture_head[30] = {
  0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 7, 0xD0, 0, 0, 7, 0xD0, 8, 2, 0, 0, 0, 0};

static void encode(const unsigned char *bytes, size_t count, char *text) {
  for (size_t at = 0; at < count; at += 3) {
    unsigned three = bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *text++ = digits[three >> shift & 63];
  }
}

static void decode(const char *text, size_t count, unsigned char *bytes) {
  for (size_t at = 0; at < count; at += 4) {
    unsigned three = 0;
    for (int digit = 0; digit < 4; digit++) three = three << 6 | (unsigned)(strchr(digits, text[at + digit]) - digits);
    *bytes++ = three >> 16;
    *bytes++ = three >> 8;
    *bytes++ = three;
  }
}

static void fill_with_digits(struct buffer *body, size_t count) {
  char *to = buffer_room(body, count);
  uint32_t state = 2463534242;
  for (size_t at = 0; at < count; at++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    to[at] = digits[state & 63];
  }
  body->count += count;
}

void write_marker(char marker[MARKER_LENGTH + 1], long index) {
  snprintf(marker, MARKER_LENGTH + 1, "Marker%0*ld", MARKER_LENGTH - 6, index);
}

static void make_json(struct buffer *body) {
  size_t size = options.size_bytes;
  if (size < 4096) {
    const char *head = "{\"url\":\"https://pictures.example.com/";
    buffer_append(body, head, strlen(head));
  } else {
    char text[40];
    encode(picture_head, sizeof picture_head, text);
    buffer_append(body, "{\"image\":\"", 10);
    buffer_append(body, text, sizeof text);
    size -= (size - 12) % 4;
  }
  fill_with_digits(body, size - 2 - body->count);
  buffer_append(body, "\"}", 2);
}

/// As large as it makes the JSON that the OCR service gets.
static void make_picture(struct buffer *body) {
  size_t size = (options.size_bytes - 12) / 4 * 3;
  buffer_append(body, picture_head, sizeof picture_head);
  fill_with_digits(body, size - body->count);
}

void make_body(struct buffer *body, bool is_binary) {
  if (is_binary) make_picture(body); else make_json(body);
}

void mark_body(struct buffer *body, bool is_binary, long index) {
  char marker[MARKER_LENGTH + 1];
  write_marker(marker, index);
  if (is_binary) {
    unsigned char bytes[MARKER_LENGTH / 4 * 3];
    decode(marker, MARKER_LENGTH, bytes);
    memcpy(body->bytes + body->count - sizeof bytes, bytes, sizeof bytes);
  } else {
    memcpy(body->bytes + body->count - 2 - MARKER_LENGTH, marker, MARKER_LENGTH);
  }
}
