// Latency under an even load: each request has its due time, and what came late because others were slow counts.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"

/// Most HTTP calls at the same time, as many as the relay may have by default.
#define CALLERS 64

static int64_t begin;
/// From the due time to the answer, by request; 0 while there is none.
static int64_t *taken;
static atomic_long next_index;
/// Replies a second between the end of the warm-up and the last reply.
static double replies_per_second;

static int64_t due_time(long index) { return begin + index * 1000000000 / options.rate_per_second; }

static int64_t await_due(long index) {
  int64_t due = due_time(index);
  struct timespec time = {due / 1000000000, due % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) continue;
  return due;
}

/// The first requests warm up what is cold, and do not count.
static void print_result(const char *name) {
  size_t count = 0, missing = 0;
  for (long index = options.warm; index < options.count; index++) {
    if (taken[index] > 0) taken[count++] = taken[index]; else missing++;
  }
  printf("%s count=%zu missing=%zu", name, count, missing);
  print_percentiles(taken, count);
  if (replies_per_second > 0) printf(" per_second=%.0f", replies_per_second);
  putchar('\n');
}

static void prepare(void) {
  taken = calloc(options.count, sizeof *taken);
  begin = now_nanoseconds() + 10000000;
}

static void *take_replies(void *context) {
  amqp_connection_state_t broker = context;
  int64_t end = due_time(options.count) + options.timeout_seconds * 1000000000;
  int64_t warm_at = begin, last_at = begin;
  long received = 0;
  while (received < options.count && now_nanoseconds() < end) {
    bool is_right;
    long index = next_reply(broker, 1, &is_right);
    if (index < 0) continue;
    if (!is_right) fail("request %ld got the answer of another", index);
    last_at = now_nanoseconds();
    taken[index] = last_at - due_time(index);
    received++;
    if (received == options.warm) warm_at = last_at;
  }
  if (last_at > warm_at) replies_per_second = (received - options.warm) * 1e9 / (last_at - warm_at);
  return NULL;
}

void measure_latency(void) {
  struct buffer body = {0};
  make_body(&body, options.is_binary);
  amqp_connection_state_t consuming = dial(), publishing = dial();
  start_consuming(consuming);
  prepare();
  pthread_t taker;
  pthread_create(&taker, NULL, take_replies, consuming);
  for (long index = 0; index < options.count; index++) {
    await_due(index);
    publish(publishing, &body, index);
  }
  pthread_join(taker, NULL);
  print_result("latency");
}

static size_t forget(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  return size * count;
}

static CURL *make_call(struct buffer *body) {
  char header[2048 + 32] = "X-Auth-Token: ";
  memset(header + strlen(header), 'T', 2048);
  struct curl_slist *headers = curl_slist_append(NULL, header);
  headers = curl_slist_append(headers, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  CURL *call = curl_easy_init();
  curl_easy_setopt(call, CURLOPT_URL, options.ocr_url);
  curl_easy_setopt(call, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(call, CURLOPT_POSTFIELDS, body->bytes);
  curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->count);
  curl_easy_setopt(call, CURLOPT_UPLOAD_BUFFERSIZE, 262144L);
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, forget);
  curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
  return call;
}

static void *make_calls(void *context) {
  CURL *call = make_call(context);
  for (long index; (index = atomic_fetch_add(&next_index, 1)) < options.count;) {
    int64_t due = await_due(index);
    CURLcode code = curl_easy_perform(call);
    if (code != CURLE_OK) fail("a direct call failed: %s", curl_easy_strerror(code));
    taken[index] = now_nanoseconds() - due;
  }
  return NULL;
}

void measure_direct(void) {
  struct buffer body = {0};
  if (!options.ocr_url) fail("direct needs --ocr-url");
  make_body(&body, false);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  prepare();
  pthread_t callers[CALLERS];
  for (int at = 0; at < CALLERS; at++) pthread_create(&callers[at], NULL, make_calls, &body);
  for (int at = 0; at < CALLERS; at++) pthread_join(callers[at], NULL);
  print_result("direct");
}
