// What Node's fs lacks: blocks reserved ahead, a write without its price in JavaScript, a lock that
// dies with its process. Each answers 0 or the error number.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arguments.h"

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
  const auto from = static_cast<off_t>(offset);
  return errorNumber(env, reserveBlocks(fd, from, static_cast<off_t>(length)));
}

/** write(fd, source, sourceAt, length, at): until all of it is written or the disk refuses. */
napi_value writeAt(napi_env env, napi_callback_info info) {
  napi_value values[5];
  arguments(env, info, 5, values);
  int fd;
  Bytes source;
  size_t sourceAt;
  size_t length;
  size_t at;
  if (!intOf(env, values[0], &fd) || !bytesOf(env, values[1], &source) ||
      !sizeOf(env, values[2], &sourceAt) || !sizeOf(env, values[3], &length) ||
      !sizeOf(env, values[4], &at)) {
    return fail(env, "write takes a file descriptor, a source, its position, a length and a position");
  }
  if (!inside(sourceAt, length, source.length)) {
    return fail(env, "write range lies outside the source");
  }
  size_t done = 0;
  while (done < length) {
    const ssize_t count =
        pwrite(fd, source.data + sourceAt + done, length - done, static_cast<off_t>(at + done));
    if (count > 0) {
      done += static_cast<size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      return errorNumber(env, count == 0 ? EIO : errno);
    }
  }
  return errorNumber(env, 0);
}

constexpr size_t PARTS_MAX = 64;

/**
 * writeParts(fd, source, parts, count, at): the parts of `source` that the Int32Array names, a
 * position and a length each, behind one another from `at` of the file on. 0, or why not all of
 * them were written.
 */
napi_value writeParts(napi_env env, napi_callback_info info) {
  napi_value values[5];
  arguments(env, info, 5, values);
  int fd;
  Bytes source;
  napi_typedarray_type type;
  size_t words = 0;
  void *data = nullptr;
  size_t count;
  size_t at;
  if (!intOf(env, values[0], &fd) || !bytesOf(env, values[1], &source) ||
      napi_get_typedarray_info(env, values[2], &type, &words, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || !sizeOf(env, values[3], &count) || !sizeOf(env, values[4], &at) ||
      count == 0 || count > PARTS_MAX || count * 2 > words) {
    return fail(env, "writeParts takes a file descriptor, a source, parts, their count and a position");
  }
  const int32_t *parts = static_cast<const int32_t *>(data);
  iovec vectors[PARTS_MAX];
  for (size_t i = 0; i < count; i++) {
    const int32_t from = parts[i * 2];
    const int32_t length = parts[i * 2 + 1];
    if (from < 0 || length < 0 || !inside(from, length, source.length)) {
      return fail(env, "writeParts parts lie outside the source");
    }
    vectors[i] = {source.data + from, static_cast<size_t>(length)};
  }
  iovec *next = vectors;
  size_t left = count;
  while (left > 0) {
    const ssize_t written = pwritev(fd, next, static_cast<int>(left), static_cast<off_t>(at));
    if (written <= 0) {
      if (written < 0 && errno == EINTR) continue;
      return errorNumber(env, written == 0 ? EIO : errno);
    }
    at += static_cast<size_t>(written);
    size_t taken = static_cast<size_t>(written);
    for (; left > 0 && taken >= next->iov_len; next++, left--) taken -= next->iov_len;
    if (left == 0) break;
    next->iov_base = static_cast<uint8_t *>(next->iov_base) + taken;
    next->iov_len -= taken;
  }
  return errorNumber(env, 0);
}

int writeOutPages(int fd, off_t at, off_t length) {
#if defined(__linux__)
  const unsigned all =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  return sync_file_range(fd, at, length, all) == 0 ? 0 : errno;
#else
  (void)at;
  (void)length;
  return fsync(fd) == 0 ? 0 : errno;
#endif
}

/**
 * writeOut(fd, at, length): the pages of the stretch are with the disk. Other than a sync it makes
 * the journal commit nothing, which everybody who writes to the file system would wait for.
 */
napi_value writeOut(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  int fd;
  size_t at;
  size_t length;
  if (!intOf(env, values[0], &fd) || !sizeOf(env, values[1], &at) ||
      !sizeOf(env, values[2], &length)) {
    return fail(env, "writeOut takes a file descriptor, a position and a length");
  }
  const int number = writeOutPages(fd, static_cast<off_t>(at), static_cast<off_t>(length));
  return errorNumber(env, number);
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
  define(env, exports, "write", writeAt);
  define(env, exports, "writeParts", writeParts);
  define(env, exports, "writeOut", writeOut);
  define(env, exports, "lockFile", lockFile);
}

}  // namespace millrace
