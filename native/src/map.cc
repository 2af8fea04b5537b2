// Read-only memory maps of files as Buffers. The collector unmaps what nobody holds any more;
// unmap() does it at once and leaves a detached buffer of length 0 behind. V8 counts a map as
// external memory and collects sooner for it, which is wanted here: a deleted segment gives its
// blocks back only when its last map is gone.
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <map>

#include "arguments.h"
#include "errors.h"

namespace millrace {
namespace {

struct Region {
  void *address;
  size_t length;
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
  unmapAside(region->address, region->length);
}

void finalize(napi_env, void *, void *hint) {
  Region *region = static_cast<Region *>(hint);
  release(region);
  delete region;
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
  Region *region = new Region{address, length, true};
  {
    Locked lock;
    registry.regions[address] = region;
  }
  napi_value buffer = nullptr;
  if (napi_create_external_buffer(env, length, address, finalize, region, &buffer) != napi_ok) {
    release(region);
    delete region;
    return fail(env, "mapReadOnly: no buffer of that length can be made");
  }
  return buffer;
}

/** unmap(buffer): true when the buffer was a live map. */
napi_value unmap(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  napi_typedarray_type type;
  size_t length;
  void *data = nullptr;
  napi_value arrayBuffer = nullptr;
  size_t offset;
  if (napi_get_typedarray_info(env, values[0], &type, &length, &data, &arrayBuffer, &offset) !=
      napi_ok) {
    return fail(env, "unmap takes a mapped buffer");
  }
  Region *region = nullptr;
  {
    Locked lock;
    const auto found = registry.regions.find(data);
    if (data != nullptr && found != registry.regions.end()) region = found->second;
  }
  napi_value result = nullptr;
  napi_get_boolean(env, region != nullptr, &result);
  if (region == nullptr) return result;
  if (napi_detach_arraybuffer(env, arrayBuffer) != napi_ok) {
    return fail(env, "unmap: the buffer cannot be detached");
  }
  release(region);
  return result;
}

}  // namespace

void defineMap(napi_env env, napi_value exports) {
  define(env, exports, "mapReadOnly", mapReadOnly);
  define(env, exports, "unmap", unmap);
}

}  // namespace millrace
