// bench-load COMMAND …: makes requests, takes their replies, and checks that each belongs to its request.
//   declare  --queue Q [--quorum]            deletes the queue and declares it anew
//   purge    --queue Q                       empties it
//   depth    --queue Q                       prints how many messages are ready
//   fill     --queue Q --replies R …         publishes --count persistent requests, each confirmed
//   collect  --replies R …                   takes --count replies; prints when the first, the --warm-th and the last came
//   latency  --queue Q --replies R …         publishes at --rate-per-second, whatever the replies do, and measures from
//                                            the time that each request was due
//   direct   --ocr-url URL …                 the same with HTTP calls, for comparison
// Requests: --count N --size-bytes N (of the JSON that the OCR service gets) --content json|binary --run NAME;
// --url amqp://…  --warm N  --timeout-seconds N
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

struct options options = {
  .url = "amqp://guest:guest@127.0.0.1:5672", .queue = "ocr.requests", .replies = "ocr.reply.bench", .run = "run",
  .count = 1, .size_bytes = 1024, .warm = 0, .rate_per_second = 100, .timeout_seconds = 120};

enum { URL = 1, QUEUE, REPLIES, RUN, OCR_URL, CONTENT, QUORUM, COUNT, SIZE, WARM, RATE, TIMEOUT };

static const struct option known[] = {
  {"url", 1, 0, URL}, {"queue", 1, 0, QUEUE}, {"replies", 1, 0, REPLIES}, {"run", 1, 0, RUN},
  {"ocr-url", 1, 0, OCR_URL}, {"content", 1, 0, CONTENT}, {"quorum", 0, 0, QUORUM}, {"count", 1, 0, COUNT},
  {"size-bytes", 1, 0, SIZE}, {"warm", 1, 0, WARM}, {"rate-per-second", 1, 0, RATE},
  {"timeout-seconds", 1, 0, TIMEOUT}, {0}};

static void read_options(int count, char **arguments) {
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case URL: options.url = optarg; break;
      case QUEUE: options.queue = optarg; break;
      case REPLIES: options.replies = optarg; break;
      case RUN: options.run = optarg; break;
      case OCR_URL: options.ocr_url = optarg; break;
      case CONTENT: options.is_binary = strcmp(optarg, "binary") == 0; break;
      case QUORUM: options.is_quorum = true; break;
      case COUNT: options.count = number("--count", optarg, 1); break;
      case SIZE: options.size_bytes = number("--size-bytes", optarg, 512); break;
      case WARM: options.warm = number("--warm", optarg, 0); break;
      case RATE: options.rate_per_second = number("--rate-per-second", optarg, 1); break;
      case TIMEOUT: options.timeout_seconds = number("--timeout-seconds", optarg, 1); break;
      default: exit(2);
    }
  }
}

int main(int count, char **arguments) {
  static const struct { const char *name; void (*run)(void); } commands[] = {
    {"declare", declare_queue}, {"purge", purge_queue}, {"depth", print_depth}, {"fill", fill}, {"collect", collect},
    {"latency", measure_latency}, {"direct", measure_direct}};
  if (count < 2) fail("which command?");
  read_options(count - 1, arguments + 1);
  for (size_t at = 0; at < sizeof commands / sizeof *commands; at++) {
    if (strcmp(arguments[1], commands[at].name) == 0) {
      commands[at].run();
      return 0;
    }
  }
  fail("no such command: %s", arguments[1]);
}
