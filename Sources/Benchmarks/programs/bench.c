#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fail(const char *format, ...) {
  int code = errno;
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, format, arguments);
  if (code != 0) fprintf(stderr, " (%s)", strerror(code));
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

int64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

long number(const char *option, const char *text, long least) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno != 0 || *text == 0 || *end != 0 || value < least) fail("%s takes a number from %ld: %s", option, least, text);
  return value;
}

char *buffer_room(struct buffer *buffer, size_t more) {
  if (buffer->count + more > buffer->capacity) {
    size_t capacity = buffer->capacity ? buffer->capacity : 4096;
    while (capacity < buffer->count + more) capacity *= 2;
    buffer->bytes = realloc(buffer->bytes, capacity);
    if (!buffer->bytes) fail("no memory for %zu bytes", capacity);
    buffer->capacity = capacity;
  }
  return buffer->bytes + buffer->count;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t count) {
  memcpy(buffer_room(buffer, count), bytes, count);
  buffer->count += count;
}

static int ascending(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

void print_percentiles(int64_t *nanoseconds, size_t count) {
  if (count == 0) fail("nothing was measured");
  qsort(nanoseconds, count, sizeof *nanoseconds, ascending);
  printf(" p50_us=%.1f p99_us=%.1f p99.9_us=%.1f", nanoseconds[count / 2] / 1e3, nanoseconds[count * 99 / 100] / 1e3,
    nanoseconds[count * 999 / 1000] / 1e3);
}
