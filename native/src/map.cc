// Memory maps as Buffers: read-only ones of files, and private memory for what is too large for
// malloc. The collector unmaps what nobody holds any more; unmap() does it at once and leaves a
// detached buffer of length 0 behind. V8 counts the map of a file as external memory and collects
// sooner for it, which is wanted: a deleted segment gives its blocks back only when its last map is
// gone. Private memory is given back by hand, so it is not counted where V8 allows that: for 90 MB that
// come, V8 would mark its heap at once, up to 25 ms long.
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <map>

#include "arguments.h"
#include "errors.h"
#include "faults.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace millrace {
namespace {

/** Of a region without a file. */
constexpr int UNWATCHED = -1;

struct Region {
  void *address;
  size_t length;
  int watch;
  bool mapped;
};

/** All live maps of the process by address; every environment's threads share it. */
struct Registry {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  std::map<void *, Region *> regions;
};

Registry registry;

class Locked {
 public:
  Locked() { pthread_mutex_lock(&registry.mutex); }
  ~Locked() { pthread_mutex_unlock(&registry.mutex); }
};

constexpr size_t LARGE = 16 * 1024 * 1024;

struct Range {
  void *address;
  size_t length;
};

void *unmapRange(void *argument) {
  Range *range = static_cast<Range *>(argument);
  munmap(range->address, range->length);
  delete range;
  return nullptr;
}

/** The last map of a deleted file frees its blocks and pages: no event loop should wait for it. */
void unmapAside(void *address, size_t length) {
  pthread_t thread;
  Range *range = new Range{address, length};
  if (length >= LARGE && pthread_create(&thread, nullptr, unmapRange, range) == 0) {
    pthread_detach(thread);
    return;
  }
  unmapRange(range);
}

void release(Region *region) {
  {
    Locked lock;
    if (!region->mapped) return;
    region->mapped = false;
    registry.regions.erase(region->address);
  }
  if (region->watch != UNWATCHED) unwatchMap(region->watch);
  unmapAside(region->address, region->length);
}

/** From this Node on, V8 ends the process when its count of external memory would fall below zero. */
constexpr uint32_t CHECKED_COUNT_NODE = 23;

bool isCountChecked(napi_env env) {
  const napi_node_version *version = nullptr;
  return napi_get_node_version(env, &version) != napi_ok || version->major >= CHECKED_COUNT_NODE;
}

/**
 * V8 counts the memory of each buffer: this takes private memory out of the count, and back in. Where
 * the count is checked it stays as it is: the collector takes the memory off again in its own time,
 * and would fall below zero with what was taken off here.
 */
void correctCount(napi_env env, const Region *region, int64_t sign) {
  int64_t total;
  if (region->watch != UNWATCHED || isCountChecked(env)) return;
  napi_adjust_external_memory(env, sign * static_cast<int64_t>(region->length), &total);
}

void finalize(napi_env env, void *, void *hint) {
  Region *region = static_cast<Region *>(hint);
  if (region->mapped) correctCount(env, region, 1);
  release(region);
  delete region;
}

/** A buffer over a map, which it owns from now on. */
napi_value bufferOver(napi_env env, void *address, size_t length, int watch) {
  Region *region = new Region{address, length, watch, true};
  {
    Locked lock;
    registry.regions[address] = region;
  }
  napi_value buffer = nullptr;
  // Before it is counted, so that the count never shows it.
  correctCount(env, region, -1);
  if (napi_create_external_buffer(env, length, address, finalize, region, &buffer) == napi_ok) {
    return buffer;
  }
  correctCount(env, region, 1);
  release(region);
  delete region;
  return fail(env, "no buffer of that length can be made");
}

/** mapReadOnly(fd, length) */
napi_value mapReadOnly(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  int fd;
  size_t length;
  if (!intOf(env, values[0], &fd) || !sizeOf(env, values[1], &length) || length == 0) {
    return fail(env, "mapReadOnly takes a file descriptor and a length above 0");
  }
  void *address = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return throwSystem(env, "mmap", errno);
  const int watch = watchMap(address, length);
  if (watch < 0) {
    munmap(address, length);
    return throwSystem(env, "mapReadOnly", ENOMEM);
  }
  return bufferOver(env, address, length, watch);
}

/** mapMemory(length): zeros, in huge pages where the system has them: one fault for 2 MB. */
napi_value mapMemory(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  size_t length;
  if (!sizeOf(env, values[0], &length) || length == 0) {
    return fail(env, "mapMemory takes a length above 0");
  }
  void *address =
      mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return throwSystem(env, "mmap", errno);
#if defined(MADV_HUGEPAGE)
  madvise(address, length, MADV_HUGEPAGE);
#endif
  return bufferOver(env, address, length, UNWATCHED);
}

/** The live map that a buffer shows from its first byte on; null where there is none. */
Region *regionOf(napi_env env, napi_value value, napi_value *arrayBuffer) {
  napi_typedarray_type type;
  size_t length;
  void *data = nullptr;
  size_t offset;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, arrayBuffer, &offset) !=
      napi_ok) {
    fail(env, "a mapped buffer was expected");
    return nullptr;
  }
  Locked lock;
  const auto found = registry.regions.find(data);
  return data == nullptr || found == registry.regions.end() ? nullptr : found->second;
}

napi_value booleanValue(napi_env env, bool is) {
  napi_value result = nullptr;
  napi_get_boolean(env, is, &result);
  return result;
}

/** unmap(buffer): true when the buffer was a live map. */
napi_value unmap(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  napi_value arrayBuffer = nullptr;
  Region *region = regionOf(env, values[0], &arrayBuffer);
  if (region == nullptr) return booleanValue(env, false);
  if (napi_detach_arraybuffer(env, arrayBuffer) != napi_ok) {
    return fail(env, "unmap: the buffer cannot be detached");
  }
  correctCount(env, region, 1);
  release(region);
  return booleanValue(env, true);
}

/** isLost(buffer): whether a page of the map was given as zeros. */
napi_value isMapLost(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  const Region *region = regionOf(env, values[0], nullptr);
  const bool isWatched = region != nullptr && region->watch != UNWATCHED;
  return booleanValue(env, isWatched && isLost(region->watch));
}

#if defined(__linux__)
/** Beyond the end of a file every page of its map faults: this one is empty for good. */
int emptyFile() {
  constexpr unsigned CLOSE_ON_EXEC = 1;  // MFD_CLOEXEC
  static int fd = -1;
  Locked lock;
  // C libraries older than glibc 2.27 have no function for the system call.
  if (fd < 0) fd = static_cast<int>(syscall(SYS_memfd_create, "millrace", CLOSE_ON_EXEC));
  return fd;
}
#endif

/**
 * spoil(buffer): no page of the map can be read from here on, those of zeros included. What a
 * socket still has to send of it fails.
 */
napi_value spoil(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  const Region *region = regionOf(env, values[0], nullptr);
#if defined(__linux__)
  if (region != nullptr) {
    const int flags = MAP_SHARED | MAP_FIXED;
    mmap(region->address, region->length, PROT_READ, flags, emptyFile(), 0);
  }
#endif
  return booleanValue(env, region != nullptr);
}

/** mapFaults(): pages given as zeros so far in all maps of the process. */
napi_value mapFaults(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_create_uint32(env, lostPages(), &result);
  return result;
}

}  // namespace

void defineMap(napi_env env, napi_value exports) {
  installFaultHandler();
  define(env, exports, "mapReadOnly", mapReadOnly);
  define(env, exports, "mapMemory", mapMemory);
  define(env, exports, "unmap", unmap);
  define(env, exports, "isLost", isMapLost);
  define(env, exports, "spoil", spoil);
  define(env, exports, "mapFaults", mapFaults);
}

}  // namespace millrace
