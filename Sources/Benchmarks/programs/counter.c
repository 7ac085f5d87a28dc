// count-allocations.so, for LD_PRELOAD: counts what a program allocates, by the library that asks. ALLOCATION_COUNTS
// names the file that holds the counts while the program runs (struct counts below), so that a harness can read them at
// two moments and knows what the messages between cost. With ALLOCATION_SITES=depth, the call stacks are counted too,
// up to that depth, and written to ALLOCATION_COUNTS.sites: at each SIGUSR2 anew.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODULES 128
#define SITES 65536
#define DEPTH 24

/// One loaded file: its name, where it lies, and how often it allocated and freed.
struct module {
  char name[64];
  uintptr_t begin, end;
  atomic_ulong allocations, bytes;
};
struct counts {
  atomic_ulong count;
  struct module modules[MODULES];
};
struct site {
  atomic_ulong hash, count;
  uintptr_t frames[DEPTH];
};

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static struct counts *counts;
static struct site *sites;
static int depth;
static char sites_path[4096];
static __thread bool is_busy;

static int add_module(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  (void)context;
  size_t at = atomic_load(&counts->count);
  if (at == MODULES) return 1;
  struct module *module = &counts->modules[at];
  module->begin = UINTPTR_MAX;
  for (int index = 0; index < info->dlpi_phnum; index++) {
    if (info->dlpi_phdr[index].p_type != PT_LOAD) continue;
    uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[index].p_vaddr;
    if (begin < module->begin) module->begin = begin;
    if (begin + info->dlpi_phdr[index].p_memsz > module->end) module->end = begin + info->dlpi_phdr[index].p_memsz;
  }
  const char *slash = strrchr(info->dlpi_name, '/');
  snprintf(module->name, sizeof module->name, "%s", *info->dlpi_name ? slash ? slash + 1 : info->dlpi_name : "program");
  atomic_store(&counts->count, at + 1);
  return 0;
}

static void write_sites(int signal) {
  (void)signal;
  int file = open(sites_path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  for (size_t at = 0; file >= 0 && at < SITES; at++) {
    unsigned long count = atomic_load(&sites[at].count);
    if (count == 0) continue;
    char line[64 + DEPTH * 20];
    int length = snprintf(line, sizeof line, "%lu", count);
    for (int frame = 0; frame < depth && sites[at].frames[frame]; frame++) {
      length += snprintf(line + length, sizeof line - length, " %lx", (unsigned long)sites[at].frames[frame]);
    }
    line[length++] = '\n';
    if (write(file, line, length) != length) break;
  }
  close(file);
}

static void *map(const char *path, size_t size) {
  int file = path ? open(path, O_CREAT | O_RDWR | O_TRUNC, 0600) : -1;
  if (path && (file < 0 || ftruncate(file, size))) return NULL;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, path ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
  if (file >= 0) close(file);
  return memory == MAP_FAILED ? NULL : memory;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ALLOCATION_COUNTS"), *wanted = getenv("ALLOCATION_SITES");
  if (!path) return;
  void *frames[2];
  backtrace(frames, 2);  // loads what it needs, which allocates
  struct counts *mapped = map(path, sizeof *mapped);
  if (!mapped) return;
  counts = mapped;
  dl_iterate_phdr(add_module, NULL);
  if (!wanted || !(sites = map(NULL, SITES * sizeof *sites))) return;
  depth = atoi(wanted) < DEPTH ? atoi(wanted) : DEPTH;
  snprintf(sites_path, sizeof sites_path, "%s.sites", path);
  signal(SIGUSR2, write_sites);
}

static void count_site(void) {
  void *frames[DEPTH + 2] = {0};
  int found = backtrace(frames, depth + 2);
  unsigned long hash = 1469598103934665603u;
  for (int at = 2; at < found; at++) hash = (hash ^ (uintptr_t)frames[at]) * 1099511628211u;
  hash += hash == 0;
  for (size_t probe = 0; probe < SITES; probe++) {
    struct site *site = &sites[(hash + probe) % SITES];
    unsigned long none = 0;
    if (atomic_compare_exchange_strong(&site->hash, &none, hash)) {
      for (int at = 2; at < found; at++) site->frames[at - 2] = (uintptr_t)frames[at];
    } else if (none != hash) {
      continue;
    }
    atomic_fetch_add(&site->count, 1);
    return;
  }
}

static void count(void *caller, size_t bytes) {
  if (!counts || is_busy) return;
  size_t modules = atomic_load_explicit(&counts->count, memory_order_relaxed);
  for (size_t at = 0; at < modules; at++) {
    struct module *module = &counts->modules[at];
    if ((uintptr_t)caller < module->begin || (uintptr_t)caller >= module->end) continue;
    atomic_fetch_add_explicit(&module->allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&module->bytes, bytes, memory_order_relaxed);
    break;
  }
  if (!sites) return;
  is_busy = true;
  count_site();
  is_busy = false;
}

void *malloc(size_t size) {
  count(__builtin_return_address(0), size);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(__builtin_return_address(0), number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count(__builtin_return_address(0), size);
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  count(__builtin_return_address(0), size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(__builtin_return_address(0), size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  count(__builtin_return_address(0), size);
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : 12;
}
