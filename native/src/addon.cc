// The module: called once for every environment (main thread and each worker thread).
#include "arguments.h"

#if defined(__APPLE__)
#include <dlfcn.h>
#endif

namespace {

/**
 * What src/base/load-addon.ts asks for. It goes up with every change of what the addon's calls take,
 * answer or do, so that no addon from other sources is taken.
 */
constexpr int32_t CONTRACT = 2;

void defineContract(napi_env env, napi_value exports) {
  napi_value contract;
  napi_create_int32(env, CONTRACT, &contract);
  napi_set_named_property(env, exports, "contract", contract);
}

/**
 * The library stays loaded when the only thread that used it ends: its handler of SIGBUS and its
 * finalizers are still called then. On Linux the linker's flag `nodelete` says so.
 */
void stayLoaded() {
#if defined(__APPLE__)
  Dl_info self;
  static const char mark = 0;
  if (dladdr(&mark, &self) != 0) dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
#endif
}

}  // namespace

NAPI_MODULE_INIT() {
  stayLoaded();
  defineContract(env, exports);
  millrace::defineChecksum(env, exports);
  millrace::defineCopy(env, exports);
  millrace::defineMap(env, exports);
  millrace::defineDisk(env, exports);
  millrace::defineBell(env, exports);
  millrace::defineWindow(env, exports);
  millrace::defineBatches(env, exports);
  millrace::defineRecords(env, exports);
  millrace::defineSocket(env, exports);
  millrace::defineThread(env, exports);
  millrace::defineMemory(env, exports);
  return exports;
}
