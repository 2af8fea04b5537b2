// Memory that is given back now, and not when the collector or the allocator sees fit.
#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "arguments.h"

namespace millrace {
namespace {

#if defined(__GLIBC__)
constexpr int MAPPED_BYTES_MIN = 4 << 20;
constexpr int SPARE_BYTES_MAX = 4 << 20;
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

/** release(bytes): frees what they lie in and leaves them empty; false where it cannot be taken. */
napi_value release(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  napi_typedarray_type type;
  napi_value memory = nullptr;
  if (napi_get_typedarray_info(env, values[0], &type, nullptr, nullptr, &memory, nullptr) !=
      napi_ok) {
    return fail(env, "release takes a Uint8Array");
  }
  napi_value isReleased = nullptr;
  napi_get_boolean(env, napi_detach_arraybuffer(env, memory) == napi_ok, &isReleased);
  return isReleased;
}

}  // namespace

void defineMemory(napi_env env, napi_value exports) {
  define(env, exports, "boundSpareMemory", boundSpareMemory);
  define(env, exports, "trimMemory", trimMemory);
  define(env, exports, "release", release);
}

}  // namespace millrace
