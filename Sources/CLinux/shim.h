#pragma once
// Linux headers that Swift's Glibc module does not export.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

// Hidden behind _GNU_SOURCE, which must not be defined here: the types would then differ from those of Glibc.
int pthread_setname_np(pthread_t thread, const char *name);
