// Windows are maps that only the addon stores into, named by small numbers. The owner of a log
// grows one several times for every gigabyte written; as Buffers each of them would count as
// external memory of V8 and start a garbage collection of some milliseconds (measured: one for
// every 64 MB mapped), so they stay out of its sight.
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "arguments.h"
#include "errors.h"
#include "faults.h"

#if defined(__linux__) && !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older headers lack the name, older kernels say EINVAL
#endif

namespace millrace {
namespace {

constexpr int WINDOWS = 1 << 17;

/** Used by the thread that opened it; only taking and freeing slots is shared. */
struct Window {
  uint8_t *address;
  size_t length;
  int watch;
  int nextFree;
};

Window windows[WINDOWS];
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int firstFree = -1;
int used = 0;

int takeSlot() {
  pthread_mutex_lock(&mutex);
  int slot = -1;
  if (firstFree >= 0) {
    slot = firstFree;
    firstFree = windows[slot].nextFree;
  } else if (used < WINDOWS) {
    slot = used++;
  }
  pthread_mutex_unlock(&mutex);
  return slot;
}

void freeSlot(int slot) {
  pthread_mutex_lock(&mutex);
  windows[slot].nextFree = firstFree;
  firstFree = slot;
  pthread_mutex_unlock(&mutex);
}

Window *windowOf(napi_env env, napi_value value) {
  int handle;
  if (!intOf(env, value, &handle) || handle < 0 || handle >= WINDOWS) return nullptr;
  return windows[handle].address == nullptr ? nullptr : &windows[handle];
}

/** openWindow(fd, length): a handle. Stores beyond what is reserved are lost: see store(). */
napi_value openWindow(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  int fd;
  size_t length;
  if (!intOf(env, values[0], &fd) || !sizeOf(env, values[1], &length) || length == 0) {
    return fail(env, "openWindow takes a file descriptor and a length above 0");
  }
  const int slot = takeSlot();
  if (slot < 0) return throwSystem(env, "openWindow", ENOMEM);
  void *address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) {
    const int number = errno;
    freeSlot(slot);
    return throwSystem(env, "mmap", number);
  }
  const int watch = watchMap(address, length);
  if (watch < 0) {
    munmap(address, length);
    freeSlot(slot);
    return throwSystem(env, "openWindow", ENOMEM);
  }
  windows[slot].address = static_cast<uint8_t *>(address);
  windows[slot].length = length;
  windows[slot].watch = watch;
  return errorNumber(env, slot);
}

/** growWindow(handle, fd, length): the same file further; what is populated stays so. */
napi_value growWindow(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Window *window = windowOf(env, values[0]);
  int fd;
  size_t length;
  if (window == nullptr || !intOf(env, values[1], &fd) || !sizeOf(env, values[2], &length) ||
      length < window->length) {
    return fail(env, "growWindow takes a window, its file and a length not below its own");
  }
  if (isLost(window->watch)) return throwSystem(env, "growWindow", EIO);
  hideMap(window->watch);
#if defined(__linux__)
  void *address = mremap(window->address, window->length, length, MREMAP_MAYMOVE);
#else
  void *address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address != MAP_FAILED) munmap(window->address, window->length);
#endif
  if (address == MAP_FAILED) {
    const int number = errno;
    showMap(window->watch, window->address, window->length);
    return throwSystem(env, "growWindow", number);
  }
  showMap(window->watch, address, length);
  window->address = static_cast<uint8_t *>(address);
  window->length = length;
  return nullptr;
}

/** closeWindow(handle): the handle is free for another window. */
napi_value closeWindow(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  Window *window = windowOf(env, values[0]);
  if (window == nullptr) return fail(env, "closeWindow takes an open window");
  unwatchMap(window->watch);
  munmap(window->address, window->length);
  window->address = nullptr;
  freeSlot(static_cast<int>(window - windows));
  return nullptr;
}

/** store(handle, at, source, sourceAt, length): 0, or EIO where a page of the window was lost. */
napi_value store(napi_env env, napi_callback_info info) {
  napi_value values[5];
  arguments(env, info, 5, values);
  Window *window = windowOf(env, values[0]);
  Bytes source;
  size_t at;
  size_t sourceAt;
  size_t length;
  if (window == nullptr || !sizeOf(env, values[1], &at) || !bytesOf(env, values[2], &source) ||
      !sizeOf(env, values[3], &sourceAt) || !sizeOf(env, values[4], &length)) {
    return fail(env, "store takes a window, a position, a source, its position and a length");
  }
  if (!inside(at, length, window->length) || !inside(sourceAt, length, source.length)) {
    return fail(env, "store range lies outside the window or the source");
  }
  memcpy(window->address + at, source.data + sourceAt, length);
  return errorNumber(env, isLost(window->watch) ? EIO : 0);
}

/** populate(handle, at, length): takes the page faults of reserved pages in one call. */
napi_value populate(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Window *window = windowOf(env, values[0]);
  size_t at;
  size_t length;
  if (window == nullptr || !sizeOf(env, values[1], &at) || !sizeOf(env, values[2], &length) ||
      !inside(at, length, window->length)) {
    return fail(env, "populate takes a window and a range inside it");
  }
#if defined(__linux__)
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t start = at / page * page;
  int number = 0;
  do {
    const size_t whole = at + length - start;
    number = madvise(window->address + start, whole, MADV_POPULATE_WRITE) == 0 ? 0 : errno;
  } while (number == EINTR || number == EAGAIN);
  // A kernel without it takes the faults one by one at the stores, which is slower and as right.
  return errorNumber(env, number == EINVAL ? 0 : number);
#else
  return errorNumber(env, 0);
#endif
}

}  // namespace

void defineWindow(napi_env env, napi_value exports) {
  define(env, exports, "openWindow", openWindow);
  define(env, exports, "growWindow", growWindow);
  define(env, exports, "closeWindow", closeWindow);
  define(env, exports, "store", store);
  define(env, exports, "populate", populate);
}

}  // namespace millrace
