// Bells wake the event loop of the thread that made them; any thread of the process rings them.
//
// A ring sets `pending` and, only if it was clear, queues one call; the callback clears it before
// JavaScript runs. So at most one call is queued, and whatever was published before a ring is seen
// by the call that follows it.
#include <pthread.h>

#include <atomic>

#include "arguments.h"

namespace millrace {
namespace {

constexpr int BELLS = 1024;

struct Bell {
  std::atomic<bool> pending;
  pthread_mutex_t mutex;
  napi_threadsafe_function function;  // null while the slot is free or its environment has ended
  bool taken;                         // until the finalizer has run
};

/** Process-wide: a bell is rung from other environments than the one that made it. */
struct Tower {
  Bell bells[BELLS];
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;  // guards `taken` of all

  Tower() {
    for (Bell &bell : bells) {
      bell.pending.store(false);
      bell.mutex = PTHREAD_MUTEX_INITIALIZER;
      bell.function = nullptr;
      bell.taken = false;
    }
  }
};

Tower tower;

class Locked {
 public:
  explicit Locked(pthread_mutex_t *mutex) : mutex_(mutex) { pthread_mutex_lock(mutex_); }
  ~Locked() { pthread_mutex_unlock(mutex_); }

 private:
  pthread_mutex_t *mutex_;
};

Bell *takeBell() {
  Locked lock(&tower.mutex);
  for (Bell &bell : tower.bells) {
    if (bell.taken) continue;
    bell.taken = true;
    bell.pending.store(false);
    return &bell;
  }
  return nullptr;
}

void freeBell(Bell *bell) {
  {
    Locked lock(&bell->mutex);
    bell->function = nullptr;
  }
  Locked lock(&tower.mutex);
  bell->taken = false;
}

void onFinalize(napi_env, void *, void *context) { freeBell(static_cast<Bell *>(context)); }

void onRing(napi_env env, napi_value callback, void *context, void *) {
  static_cast<Bell *>(context)->pending.store(false);
  if (env == nullptr) return;  // the environment is ending
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  napi_call_function(env, undefined, callback, 0, nullptr, nullptr);
}

Bell *bellOf(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  int handle;
  if (!intOf(env, values[0], &handle) || handle < 0 || handle >= BELLS) return nullptr;
  return &tower.bells[handle];
}

/** createBell(callback): its handle. It does not keep the process alive. */
napi_value createBell(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  napi_valuetype type;
  if (napi_typeof(env, values[0], &type) != napi_ok || type != napi_function) {
    return fail(env, "createBell takes a function");
  }
  Bell *bell = takeBell();
  if (bell == nullptr) return fail(env, "createBell: all bells of the process are taken");
  napi_value name = nullptr;
  napi_create_string_utf8(env, "millrace.bell", NAPI_AUTO_LENGTH, &name);
  napi_threadsafe_function function = nullptr;
  if (napi_create_threadsafe_function(env, values[0], nullptr, name, 0, 1, nullptr, onFinalize,
                                      bell, onRing, &function) != napi_ok) {
    freeBell(bell);
    return fail(env, "createBell: no thread-safe function");
  }
  napi_unref_threadsafe_function(env, function);
  Locked lock(&bell->mutex);
  bell->function = function;
  return errorNumber(env, static_cast<int>(bell - tower.bells));
}

/** ringBell(handle): from any thread; a bell that is closed stays silent. */
napi_value ringBell(napi_env env, napi_callback_info info) {
  Bell *bell = bellOf(env, info);
  if (bell == nullptr) return fail(env, "ringBell takes a handle of createBell");
  if (bell->pending.exchange(true)) return nullptr;
  Locked lock(&bell->mutex);
  if (bell->function == nullptr) return nullptr;
  // An environment that is ending has let go of its function already: never touch it again.
  if (napi_call_threadsafe_function(bell->function, nullptr, napi_tsfn_nonblocking) ==
      napi_closing) {
    bell->function = nullptr;
  }
  return nullptr;
}

/** closeBell(handle): only by the environment that made it; a second time does nothing. */
napi_value closeBell(napi_env env, napi_callback_info info) {
  Bell *bell = bellOf(env, info);
  if (bell == nullptr) return fail(env, "closeBell takes a handle of createBell");
  napi_threadsafe_function function = nullptr;
  {
    Locked lock(&bell->mutex);
    function = bell->function;
    bell->function = nullptr;
  }
  if (function != nullptr) napi_release_threadsafe_function(function, napi_tsfn_abort);
  return nullptr;
}

}  // namespace

void defineBell(napi_env env, napi_value exports) {
  define(env, exports, "createBell", createBell);
  define(env, exports, "ringBell", ringBell);
  define(env, exports, "closeBell", closeBell);
}

}  // namespace millrace
