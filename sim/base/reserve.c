#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */
#include "reserve.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *sim_reserve(size_t bytes) {
  void *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void sim_unreserve(void *memory, size_t bytes) {
  if (memory) (void)munmap(memory, bytes);
}

void sim_reserve_forget(void *memory, size_t bytes) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory;
  uintptr_t first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
  /* A hint: where it is not understood, memory stays in use until the end of the search. */
  if (first < end) (void)madvise((char *)memory + (first - begin), end - first, MADV_REMOVE);
}
