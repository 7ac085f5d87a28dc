#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/read.h>

// How many elements an array announces: an int in version 0.14, a size_t later.
#if HIREDIS_MAJOR < 1
typedef int hiredis_count;
#else
typedef size_t hiredis_count;

// Version 1 knows types of a newer protocol, which is never asked for: refused instead of being handed on as numbers.
static inline void *hiredis_refuse_double(const redisReadTask *task, double value, char *text, size_t length) {
  (void)task, (void)value, (void)text, (void)length;
  return NULL;
}
static inline void *hiredis_refuse_bool(const redisReadTask *task, int value) {
  (void)task, (void)value;
  return NULL;
}
#endif

typedef void *(*hiredis_string_function)(const redisReadTask *, char *, size_t);
typedef void *(*hiredis_array_function)(const redisReadTask *, hiredis_count);
typedef void *(*hiredis_integer_function)(const redisReadTask *, long long);
typedef void *(*hiredis_nil_function)(const redisReadTask *);
typedef void (*hiredis_free_function)(void *);

// The table of functions that a reader calls; the same fields under every version.
static inline redisReplyObjectFunctions hiredis_functions(
    hiredis_string_function string, hiredis_array_function array, hiredis_integer_function integer,
    hiredis_nil_function nil, hiredis_free_function free) {
  redisReplyObjectFunctions functions = {0};
  functions.createString = string;
  functions.createArray = array;
  functions.createInteger = integer;
  functions.createNil = nil;
  functions.freeObject = free;
#if HIREDIS_MAJOR >= 1
  functions.createDouble = hiredis_refuse_double;
  functions.createBool = hiredis_refuse_bool;
#endif
  return functions;
}

// Bytes that were fed and belong to no complete reply yet.
static inline size_t hiredis_unread(const redisReader *reader) { return reader->len - reader->pos; }
