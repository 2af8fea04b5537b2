// Memory that is given back now, and not when the collector or the allocator sees fit.
#include <cstdint>
#include <cstdlib>
#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "arguments.h"

namespace millrace {
namespace {

#if defined(__GLIBC__)
constexpr int MAPPED_BYTES_MIN = 4 << 20;
constexpr int SPARE_BYTES_MAX = 128 << 10;
#endif

/**
 * boundSpareMemory(): what is large gets memory of its own, which goes back when it is freed. Left
 * to itself, glibc raises that limit to 32 MB with the first such allocation, and from then on keeps
 * up to 64 MB of what was freed for every thread, for good.
 */
napi_value boundSpareMemory(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
  mallopt(M_TRIM_THRESHOLD, SPARE_BYTES_MAX);
#endif
  return nullptr;
}

/** trimMemory(): the system gets the pages of what was freed, which the allocator keeps for later. */
napi_value trimMemory(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  return nullptr;
}

/**
 * discard(bytes): the system gets the whole pages that they lie in, and they read as zeros from here
 * on. Other systems than Linux get them when the collector frees the bytes.
 */
napi_value discard(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  Bytes bytes;
  if (!bytesOf(env, values[0], &bytes)) return fail(env, "discard takes a Uint8Array");
#if defined(__linux__)
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t address = reinterpret_cast<uintptr_t>(bytes.data);
  const uintptr_t start = (address + page - 1) / page * page;
  const uintptr_t end = (address + bytes.length) / page * page;
  if (end > start) madvise(reinterpret_cast<void *>(start), end - start, MADV_DONTNEED);
#endif
  return nullptr;
}

}  // namespace

void defineMemory(napi_env env, napi_value exports) {
  define(env, exports, "boundSpareMemory", boundSpareMemory);
  define(env, exports, "trimMemory", trimMemory);
  define(env, exports, "discard", discard);
}

}  // namespace millrace
