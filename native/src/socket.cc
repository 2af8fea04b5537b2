// What Node's sockets leave out: writing at once, since a small answer through the streams of Node
// costs several times what the system call does, and a bound on what the kernel takes.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "arguments.h"

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0  // macOS: libuv has set SO_NOSIGPIPE
#endif

namespace millrace {
namespace {

constexpr uint32_t CHUNKS_MAX = 64;

/**
 * send(fd, chunks): how many bytes of the first 64 chunks the socket took without waiting; 0 where
 * it takes none, whatever the reason: who writes on learns it.
 */
napi_value send(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  int fd;
  uint32_t count = 0;
  if (!intOf(env, values[0], &fd) ||
      napi_get_array_length(env, values[1], &count) != napi_ok) {
    return fail(env, "send takes a file descriptor and an array of chunks");
  }
  if (count > CHUNKS_MAX) count = CHUNKS_MAX;
  iovec parts[CHUNKS_MAX];
  for (uint32_t at = 0; at < count; at++) {
    napi_value chunk;
    Bytes bytes;
    if (napi_get_element(env, values[1], at, &chunk) != napi_ok || !bytesOf(env, chunk, &bytes)) {
      return fail(env, "send takes chunks that are Uint8Arrays");
    }
    parts[at] = {bytes.data, bytes.length};
  }
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return numberValue(env, sent < 0 ? 0 : sent);
}

/**
 * limitUnsent(fd, bytes): the kernel takes no more than so much that it cannot send yet; connections
 * that a listening socket accepts inherit it. 0, or an errno.
 */
napi_value limitUnsent(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  int fd;
  int bytes;
  if (!intOf(env, values[0], &fd) || !intOf(env, values[1], &bytes) || bytes <= 0) {
    return fail(env, "limitUnsent takes a file descriptor and a number of bytes above 0");
  }
  const int failed = setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
  return numberValue(env, failed == 0 ? 0 : errno);
}

}  // namespace

void defineSocket(napi_env env, napi_value exports) {
  define(env, exports, "send", send);
  define(env, exports, "limitUnsent", limitUnsent);
}

}  // namespace millrace
