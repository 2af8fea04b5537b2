// The standing of a thread among the others of the machine.
#include <errno.h>

#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "arguments.h"

namespace millrace {
namespace {

/**
 * lowerPriority(nice): the calling thread gives way to those of less niceness; 0, or an errno. Only
 * Linux counts niceness by thread: elsewhere nothing changes.
 */
napi_value lowerPriority(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  int nice;
  if (!intOf(env, values[0], &nice)) return fail(env, "lowerPriority takes a niceness");
#if defined(__linux__)
  const id_t thread = static_cast<id_t>(syscall(SYS_gettid));
  const int failed = setpriority(PRIO_PROCESS, thread, nice);
  return numberValue(env, failed == 0 ? 0 : errno);
#else
  return numberValue(env, 0);
#endif
}

}  // namespace

void defineThread(napi_env env, napi_value exports) {
  define(env, exports, "lowerPriority", lowerPriority);
}

}  // namespace millrace
