// The module: called once for every environment (main thread and each worker thread).
#include "arguments.h"

NAPI_MODULE_INIT() {
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
