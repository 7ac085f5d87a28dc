// The HTTP calls: libcurl's multi interface, its sockets on our epoll.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "worker.h"

#define DESCRIPTORS 65536

static CURLM *calls;
static struct curl_slist *headers;
static int64_t due = -1;
/// What epoll watches each socket for. A socket that curl is done with for now stays: the next call asks for the same.
static uint32_t watched[DESCRIPTORS];

static size_t answer_came(char *bytes, size_t size, size_t count, void *context) {
  buffer_append(&((struct message *)context)->answer, bytes, size * count);
  return size * count;
}

static int socket_closed(void *context, curl_socket_t socket) {
  (void)context;
  watched[socket] = 0;
  return close(socket);
}

CURL *make_call(struct message *message) {
  CURL *call = curl_easy_init();
  curl_easy_setopt(call, CURLOPT_URL, settings.ocr_url);
  curl_easy_setopt(call, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(call, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(call, CURLOPT_POST, 1L);
  curl_easy_setopt(call, CURLOPT_UPLOAD_BUFFERSIZE, 262144L);
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, answer_came);
  curl_easy_setopt(call, CURLOPT_WRITEDATA, message);
  curl_easy_setopt(call, CURLOPT_CLOSESOCKETFUNCTION, socket_closed);
  curl_easy_setopt(call, CURLOPT_PRIVATE, message);
  curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
  return call;
}

void start_call(struct message *message) {
  message->answer.count = 0;
  curl_easy_setopt(message->call, CURLOPT_POSTFIELDS, message->body);
  curl_easy_setopt(message->call, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->body_size);
  curl_multi_add_handle(calls, message->call);
}

static void end_calls(void) {
  CURLMsg *news;
  int left;
  while ((news = curl_multi_info_read(calls, &left))) {
    if (news->msg != CURLMSG_DONE) continue;
    struct message *message;
    CURLcode code = news->data.result;
    long status;
    curl_easy_getinfo(news->easy_handle, CURLINFO_PRIVATE, (char **)&message);
    curl_easy_getinfo(news->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) fail("a call ended with %ld: %s", status, curl_easy_strerror(code));
    curl_multi_remove_handle(calls, message->call);
    message_answered(message);
  }
}

static int watch_socket(CURL *call, curl_socket_t socket, int wish, void *context, void *socket_context) {
  (void)call;
  (void)context;
  (void)socket_context;
  if (wish == CURL_POLL_REMOVE) return 0;
  if (socket >= DESCRIPTORS) fail("too many sockets");
  uint32_t events = (wish & CURL_POLL_IN ? EPOLLIN : 0) | (wish & CURL_POLL_OUT ? EPOLLOUT : 0);
  if (watched[socket] == events) return 0;
  watch(socket, events, watched[socket] == 0);
  watched[socket] = events;
  return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *context) {
  (void)multi;
  (void)context;
  due = milliseconds < 0 ? -1 : now_nanoseconds() + milliseconds * 1000000;
  return 0;
}

void open_calls(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  char *token = malloc(settings.token_bytes + 32);
  int length = sprintf(token, "X-Auth-Token: ");
  memset(token + length, 'M', settings.token_bytes);
  token[length + settings.token_bytes] = 0;
  headers = curl_slist_append(NULL, token);
  headers = curl_slist_append(headers, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  free(token);
  calls = curl_multi_init();
  curl_multi_setopt(calls, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt(calls, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(calls, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connections);
  curl_multi_setopt(calls, CURLMOPT_MAXCONNECTS, settings.connections);
  curl_multi_setopt(calls, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

void calls_ready(int socket, uint32_t events) {
  int running, what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
    | (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
  curl_multi_socket_action(calls, socket, what, &running);
  end_calls();
}

int run_calls(void) {
  int running;
  while (due >= 0 && due <= now_nanoseconds()) {
    due = -1;
    curl_multi_socket_action(calls, CURL_SOCKET_TIMEOUT, 0, &running);
    end_calls();
  }
  return due < 0 ? -1 : (int)((due - now_nanoseconds()) / 1000000 + 1);
}
