// The sockets of one thread, watched by its event loop. Each has a number, which is used again
// when it is closed.
#pragma once

#include <vector>

#include "arguments.h"
#include "loop.h"

namespace millrace {

class Poller;

enum class Watched {
  CONNECTION,
  LISTENER,
  /** The set of newcomers, which is one descriptor for the event loop. */
  NEWCOMERS,
};

/** A descriptor in the event loop, or in the set of newcomers. */
struct Watch {
  Poller *poller;
  /** Null where it is in the set of newcomers. */
  uv_poll_s *poll;
  int fd;
  int number;
  int events;
  Watched what;
};

class Poller {
 public:
  /** An external of it; null with an exception where the arguments are wrong. */
  static napi_value create(napi_env env, const napi_value *values);

  /** Takes over the descriptor; its number, or a negative errno, and the descriptor is closed. */
  int addListener(int fd);
  int addConnection(int fd);
  /** Takes it out of the newcomers. 0 or a negative errno, and then nobody watches it. */
  int establish(Watch *watch);
  /** Null for a number that is not taken. */
  Watch *at(int number) const;
  /** 0 or a negative errno. */
  int await(Watch *watch, int events);
  void close(Watch *watch);
  /** Closes all sockets and lets go of buffer and receiver. */
  void end();

 private:
  explicit Poller(napi_env env) : env_(env) {}
  bool prepare(napi_value buffer, napi_value receiver);
  bool prepareNext(napi_value next, napi_value readMax);
  void openNewcomers();
  /** Null with an error in `failed`. */
  uv_poll_s *inLoop(int fd, int *failed);
  int keep(Watch *watch);
  int awaitNewcomer(Watch *watch, int events);
  void serveNewcomers();
  void closeAll();
  static void onEvent(uv_poll_s *handle, int status, int events);
  static void onClosed(uv_handle_s *handle);
  static void onThreadEnds(napi_async_cleanup_hook_handle hook, void *poller);
  static void onCollected(napi_env env, void *poller, void *hint);
  void onConnectionEvent(Watch *watch, bool isBroken, int events);
  void read(Watch *watch);
  void call(napi_ref callback, int number, int64_t value);
  void onLetGo();

  napi_env env_;
  uv_loop_s *loop_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  napi_ref buffer_ = nullptr;
  napi_ref next_ = nullptr;
  napi_ref receiver_ = nullptr;
  napi_ref onRead_ = nullptr;
  napi_ref onWritable_ = nullptr;
  napi_ref onAcceptable_ = nullptr;
  Bytes bytes_ = {nullptr, 0};
  /** Where the next read begins; null: always at the start. */
  const int32_t *nextWord_ = nullptr;
  size_t readMax_ = 0;
  std::vector<Watch *> watches_;
  std::vector<int> free_;
  /** Null where the system has no sets of descriptors, and all are in the loop. */
  Watch *newcomers_ = nullptr;
  /** Handles that the loop has not let go of yet. */
  int open_ = 0;
  bool ended_ = false;
  bool collected_ = false;
};

}  // namespace millrace
