// TCP without the streams of Node: a read goes straight to the one buffer of its thread, an answer
// straight to the socket, and a connection costs a few hundred bytes. Node binds and listens, since
// it knows of names and families; accepting is done here, as many at a time as the caller likes.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "poller.h"

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0  // macOS: SO_NOSIGPIPE is set instead
#endif
#if !defined(TCP_KEEPIDLE)
#define TCP_KEEPIDLE TCP_KEEPALIVE  // macOS
#endif

namespace millrace {
namespace {

constexpr uint32_t CHUNKS_MAX = 64;
constexpr int KEEP_ALIVE_SECONDS = 60;
constexpr int KEEP_ALIVE_PROBE_SECONDS = 1;
constexpr int KEEP_ALIVE_PROBES = 10;

Poller *pollerOf(napi_env env, napi_value value) {
  void *data = nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<Poller *>(data)
                                                               : nullptr;
}

/** The first two arguments of most functions here; null with an exception where they are wrong. */
Watch *watchOf(napi_env env, const napi_value *values, const char *message) {
  Poller *poller = pollerOf(env, values[0]);
  int number;
  Watch *watch = nullptr;
  if (poller != nullptr && intOf(env, values[1], &number)) watch = poller->at(number);
  if (watch == nullptr) fail(env, message);
  return watch;
}

bool setInt(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/** Set once: what is accepted inherits it. */
bool prepare(int fd, int unsentBytes) {
  return setInt(fd, IPPROTO_TCP, TCP_NODELAY, 1) && setInt(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         setInt(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_SECONDS) &&
         setInt(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_ALIVE_PROBE_SECONDS) &&
         setInt(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_ALIVE_PROBES) &&
         setInt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsentBytes);
}

int acceptFrom(int fd) {
  int accepted;
  do {
#if defined(__linux__)
    accepted = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    accepted = ::accept(fd, nullptr, nullptr);
#endif
  } while (accepted < 0 && errno == EINTR);
#if !defined(__linux__)
  if (accepted >= 0) {
    fcntl(accepted, F_SETFL, fcntl(accepted, F_GETFL) | O_NONBLOCK);
    fcntl(accepted, F_SETFD, FD_CLOEXEC);
    setInt(accepted, SOL_SOCKET, SO_NOSIGPIPE, 1);
  }
#endif
  return accepted;
}

/** createPoller(buffer, receiver, next, readBytesMax): see SocketCalls. It holds on to them. */
napi_value createPoller(napi_env env, napi_callback_info info) {
  napi_value values[4];
  arguments(env, info, 4, values);
  return Poller::create(env, values);
}

/** closePoller(poller): closes all its sockets; a second time does nothing. */
napi_value closePoller(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, 1, values);
  Poller *poller = pollerOf(env, values[0]);
  if (poller == nullptr) return fail(env, "closePoller takes a poller");
  poller->end();
  return nullptr;
}

/**
 * adoptListener(poller, fd, unsentBytes): a listening socket of ours over the same port as `fd`,
 * which may be closed then. Its number, or a negative errno.
 */
napi_value adoptListener(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Poller *poller = pollerOf(env, values[0]);
  int fd;
  int unsentBytes;
  if (poller == nullptr || !intOf(env, values[1], &fd) || !intOf(env, values[2], &unsentBytes) ||
      unsentBytes <= 0) {
    return fail(env, "adoptListener takes a poller, a descriptor and a number of bytes above 0");
  }
  const int ours = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (ours < 0) return errorNumber(env, -errno);
  if (!prepare(ours, unsentBytes)) {
    const int failed = errno;
    ::close(ours);
    return errorNumber(env, -failed);
  }
  const int number = poller->addListener(ours);
  const int failed = number < 0 ? number : poller->await(poller->at(number), READABLE);
  return errorNumber(env, failed < 0 ? failed : number);
}

/** accept(poller, listener): the number of a connection that nobody reads yet, or -errno. */
napi_value accept(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  Watch *watch = watchOf(env, values, "accept takes a poller and a listener of it");
  if (watch == nullptr) return nullptr;
  const int fd = acceptFrom(watch->fd);
  return errorNumber(env, fd < 0 ? -errno : watch->poller->addConnection(fd));
}

/** establish(poller, socket): it is no newcomer any more. 0, or -errno: then nobody watches it. */
napi_value establish(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  Watch *watch = watchOf(env, values, "establish takes a poller and a connection of it");
  return watch == nullptr ? nullptr : errorNumber(env, watch->poller->establish(watch));
}

using NameCall = int (*)(int, sockaddr *, socklen_t *);

/** [address, port], or null for a peer that is gone. */
napi_value endOf(napi_env env, napi_callback_info info, NameCall name, const char *message) {
  napi_value values[2];
  arguments(env, info, 2, values);
  Watch *watch = watchOf(env, values, message);
  if (watch == nullptr) return nullptr;
  sockaddr_storage storage;
  socklen_t length = sizeof storage;
  napi_value end = nullptr;
  napi_get_null(env, &end);
  if (name(watch->fd, reinterpret_cast<sockaddr *>(&storage), &length) != 0) return end;
  const auto *four = reinterpret_cast<const sockaddr_in *>(&storage);
  const auto *six = reinterpret_cast<const sockaddr_in6 *>(&storage);
  const bool isFour = storage.ss_family == AF_INET;
  const void *address = isFour ? static_cast<const void *>(&four->sin_addr) : &six->sin6_addr;
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(storage.ss_family, address, text, sizeof text) == nullptr) return end;
  napi_value addressValue;
  napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &addressValue);
  napi_create_array_with_length(env, 2, &end);
  napi_set_element(env, end, 0, addressValue);
  napi_set_element(env, end, 1, errorNumber(env, ntohs(isFour ? four->sin_port : six->sin6_port)));
  return end;
}

napi_value peerOf(napi_env env, napi_callback_info info) {
  return endOf(env, info, getpeername, "peerOf takes a poller and a connection of it");
}

napi_value localOf(napi_env env, napi_callback_info info) {
  return endOf(env, info, getsockname, "localOf takes a poller and a socket of it");
}

/** awaitEvents(poller, socket, events): what the receiver is told of from now on. 0 or -errno. */
napi_value awaitEvents(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Watch *watch = watchOf(env, values, "awaitEvents takes a poller and a socket of it");
  if (watch == nullptr) return nullptr;
  int events;
  if (!intOf(env, values[2], &events) || (events & ~(READABLE | WRITABLE)) != 0) {
    return fail(env, "awaitEvents takes 0, 1 (readable), 2 (writable) or 3");
  }
  return errorNumber(env, watch->poller->await(watch, events));
}

/** One plain send where the parts are one: the system looks at a list of them more closely. */
ssize_t sendParts(int fd, iovec *parts, size_t count) {
  if (count == 1) return ::send(fd, parts->iov_base, parts->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** send(poller, socket, chunks): bytes of the first 64 chunks that it took at once, or -errno. */
napi_value send(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Watch *watch = watchOf(env, values, "send takes a poller and a connection of it");
  if (watch == nullptr) return nullptr;
  uint32_t count = 0;
  if (napi_get_array_length(env, values[2], &count) != napi_ok) {
    return fail(env, "send takes an array of chunks");
  }
  if (count > CHUNKS_MAX) count = CHUNKS_MAX;
  iovec parts[CHUNKS_MAX];
  size_t used = 0;
  for (uint32_t at = 0; at < count; at++) {
    napi_value chunk;
    Bytes bytes;
    if (napi_get_element(env, values[2], at, &chunk) != napi_ok || !bytesOf(env, chunk, &bytes)) {
      return fail(env, "send takes chunks that are Uint8Arrays");
    }
    // Answers that were encoded one after the other lie behind each other.
    iovec *last = used == 0 ? nullptr : &parts[used - 1];
    if (last != nullptr && static_cast<uint8_t *>(last->iov_base) + last->iov_len == bytes.data) {
      last->iov_len += bytes.length;
    } else {
      parts[used++] = {bytes.data, bytes.length};
    }
  }
  ssize_t sent;
  do {
    sent = sendParts(watch->fd, parts, used);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) sent = 0;
  return numberValue(env, sent < 0 ? -errno : sent);
}

/** closeSocket(poller, socket): its number is another's from here on. */
napi_value closeSocket(napi_env env, napi_callback_info info) {
  napi_value values[2];
  arguments(env, info, 2, values);
  Watch *watch = watchOf(env, values, "closeSocket takes a poller and a socket of it");
  if (watch != nullptr) watch->poller->close(watch);
  return nullptr;
}

}  // namespace

void defineSocket(napi_env env, napi_value exports) {
  define(env, exports, "createPoller", createPoller);
  define(env, exports, "closePoller", closePoller);
  define(env, exports, "adoptListener", adoptListener);
  define(env, exports, "accept", accept);
  define(env, exports, "establish", establish);
  define(env, exports, "peerOf", peerOf);
  define(env, exports, "localOf", localOf);
  define(env, exports, "awaitEvents", awaitEvents);
  define(env, exports, "send", send);
  define(env, exports, "closeSocket", closeSocket);
}

}  // namespace millrace
