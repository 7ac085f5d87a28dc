// What the programs of the benchmark share: errors, time, growing buffers.
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/// Length of the marker that a request ends with and its answer repeats. All its characters are base64 characters.
#define MARKER_LENGTH 32

/// Prints what failed, with the error of the system if there is one, and ends the program with 1.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Nanoseconds of the monotonic clock, which all programs of a machine share.
int64_t now_nanoseconds(void);

/// A whole number above or equal to `least`, or the end of the program with a word about the option.
long number(const char *option, const char *text, long least);

/// Bytes that grow; `buffer_room` makes place for `more` and returns where they begin.
struct buffer {
  char *bytes;
  size_t count, capacity;
};
char *buffer_room(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const void *bytes, size_t count);

/// Sorts, and prints `name=microseconds` for the 50th, 99th and 99.9th percentile.
void print_percentiles(int64_t *nanoseconds, size_t count);

#endif
