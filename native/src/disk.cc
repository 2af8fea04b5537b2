// What Node's fs lacks: blocks reserved ahead, pages made writable ahead, a lock that dies with its
// process. Each answers 0 or the error number.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"

#if defined(__linux__) && !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older headers lack the name, older kernels say EINVAL
#endif

namespace millrace {
namespace {

int reserveBlocks(int fd, off_t offset, off_t length) {
#if defined(__APPLE__)
  fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, 0, 0};
  struct stat status;
  if (fstat(fd, &status) != 0) return errno;
  store.fst_length = offset + length - status.st_size;
  if (store.fst_length <= 0) return 0;
  if (fcntl(fd, F_PREALLOCATE, &store) != 0) return errno;
  return ftruncate(fd, offset + length) == 0 ? 0 : errno;
#else
  for (;;) {
    const int number = posix_fallocate(fd, offset, length);
    if (number != EINTR) return number;
  }
#endif
}

/** reserve(fd, offset, length): afterwards the file reaches offset + length and has the blocks. */
napi_value reserve(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  int fd;
  size_t offset;
  size_t length;
  if (!intOf(env, values[0], &fd) || !sizeOf(env, values[1], &offset) ||
      !sizeOf(env, values[2], &length)) {
    return fail(env, "reserve takes a file descriptor, an offset and a length");
  }
  return errorNumber(env, reserveBlocks(fd, static_cast<off_t>(offset), static_cast<off_t>(length)));
}

/** populate(buffer, at, length): takes the page faults of reserved pages in one call. */
napi_value populate(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Bytes bytes;
  size_t at;
  size_t length;
  if (!bytesOf(env, values[0], &bytes) || !sizeOf(env, values[1], &at) ||
      !sizeOf(env, values[2], &length)) {
    return fail(env, "populate takes a mapped buffer, a position and a length");
  }
  if (!inside(at, length, bytes.length)) return fail(env, "populate range lies outside the map");
#if defined(__linux__)
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t start = at / page * page;
  int number = 0;
  do {
    number = madvise(bytes.data + start, at + length - start, MADV_POPULATE_WRITE) == 0 ? 0 : errno;
  } while (number == EINTR || number == EAGAIN);
  // A kernel without it takes the faults one by one at the stores, which is slower and as right.
  return errorNumber(env, number == EINVAL ? 0 : number);
#else
  return errorNumber(env, 0);
#endif
}

/** lockFile(fd): an exclusive lock held until the descriptor is closed, by kill -9 too. */
napi_value lockFile(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  int fd;
  if (!intOf(env, values[0], &fd)) return fail(env, "lockFile takes a file descriptor");
  int number = 0;
  do {
    number = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  } while (number == EINTR);
  return errorNumber(env, number);
}

}  // namespace

void defineDisk(napi_env env, napi_value exports) {
  define(env, exports, "reserve", reserve);
  define(env, exports, "populate", populate);
  define(env, exports, "lockFile", lockFile);
}

}  // namespace millrace
