#include "poller.h"

#include <errno.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif
#include <sys/socket.h>
#include <unistd.h>

namespace millrace {
namespace {

/**
 * The share that newcomers have of each turn of the event loop, with all that JavaScript does for
 * them. However many they are, the clients that are established wait no longer.
 */
constexpr uint64_t NEWCOMERS_TURN_NS = 100'000;

uv_handle_s *handleOf(uv_poll_s *poll) { return reinterpret_cast<uv_handle_s *>(poll); }

napi_ref functionOf(napi_env env, napi_value receiver, const char *name) {
  napi_value function;
  napi_valuetype type;
  napi_ref reference;
  const bool isFunction = napi_get_named_property(env, receiver, name, &function) == napi_ok &&
                          napi_typeof(env, function, &type) == napi_ok && type == napi_function;
  if (!isFunction || napi_create_reference(env, function, 1, &reference) != napi_ok) return nullptr;
  return reference;
}

int errorOf(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  const bool isTold = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0;
  return isTold ? error : ECONNRESET;
}

napi_value valueOf(napi_env env, napi_ref reference) {
  napi_value value = nullptr;
  napi_get_reference_value(env, reference, &value);
  return value;
}

}  // namespace

napi_value Poller::create(napi_env env, const napi_value *values) {
  auto *poller = new Poller(env);
  napi_value external = nullptr;
  if (!poller->prepare(values[0], values[1])) {
    poller->end();
    delete poller;
    return fail(env, "createPoller takes a buffer and an object with onRead, onWritable, onAcceptable");
  }
  if (!poller->prepareNext(values[2], values[3])) {
    poller->end();
    delete poller;
    return fail(env, "createPoller takes an Int32Array of one word and a length with it");
  }
  poller->openNewcomers();
  napi_create_external(env, poller, onCollected, nullptr, &external);
  return external;
}

bool Poller::prepare(napi_value buffer, napi_value receiver) {
  napi_value name;
  return bytesOf(env_, buffer, &bytes_) && bytes_.length > 0 &&
         (onRead_ = functionOf(env_, receiver, "onRead")) != nullptr &&
         (onWritable_ = functionOf(env_, receiver, "onWritable")) != nullptr &&
         (onAcceptable_ = functionOf(env_, receiver, "onAcceptable")) != nullptr &&
         napi_create_reference(env_, buffer, 1, &buffer_) == napi_ok &&
         napi_create_reference(env_, receiver, 1, &receiver_) == napi_ok &&
         napi_create_string_utf8(env_, "millrace.socket", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env_, nullptr, name, &context_) == napi_ok &&
         napi_get_uv_event_loop(env_, &loop_) == napi_ok &&
         napi_add_async_cleanup_hook(env_, onThreadEnds, this, &hook_) == napi_ok;
}

/** Without a word, every read begins at the start and may fill the buffer. */
bool Poller::prepareNext(napi_value next, napi_value readMax) {
  napi_valuetype given;
  readMax_ = bytes_.length;
  if (napi_typeof(env_, next, &given) != napi_ok || given == napi_undefined) return true;
  napi_typedarray_type type;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env_, next, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || length < 1 || !sizeOf(env_, readMax, &readMax_) ||
      readMax_ == 0 || readMax_ > bytes_.length) {
    return false;
  }
  nextWord_ = static_cast<const int32_t *>(data);
  return napi_create_reference(env_, next, 1, &next_) == napi_ok;
}

void Poller::end() {
  if (ended_) return;
  ended_ = true;
  closeAll();
  for (napi_ref each : {buffer_, next_, receiver_, onRead_, onWritable_, onAcceptable_}) {
    if (each != nullptr) napi_delete_reference(env_, each);
  }
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  onLetGo();
}

/** Those that cannot be watched so are watched by the loop like all. */
void Poller::openNewcomers() {
#if defined(__linux__)
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return;
  int failed = 0;
  uv_poll_s *poll = inLoop(fd, &failed);
  if (poll == nullptr) {
    ::close(fd);
    return;
  }
  newcomers_ = new Watch{this, poll, fd, -1, 0, Watched::NEWCOMERS};
  uv_handle_set_data(handleOf(poll), newcomers_);
  uv_poll_start(poll, READABLE, onEvent);
  uv_unref(handleOf(poll));
#endif
}

uv_poll_s *Poller::inLoop(int fd, int *failed) {
  auto *poll = static_cast<uv_poll_s *>(malloc(uv_handle_size(POLL_HANDLE)));
  *failed = poll == nullptr ? -ENOMEM : -EBADF;
  if (poll != nullptr && !ended_) *failed = uv_poll_init(loop_, poll, fd);
  if (*failed == 0) {
    open_++;
    return poll;
  }
  free(poll);
  return nullptr;
}

int Poller::keep(Watch *watch) {
  if (watch->poll != nullptr) uv_handle_set_data(handleOf(watch->poll), watch);
  if (free_.empty()) {
    watch->number = static_cast<int>(watches_.size());
    watches_.push_back(watch);
  } else {
    watch->number = free_.back();
    free_.pop_back();
    watches_[watch->number] = watch;
  }
  return watch->number;
}

int Poller::addListener(int fd) {
  int failed = 0;
  uv_poll_s *poll = inLoop(fd, &failed);
  if (poll != nullptr) return keep(new Watch{this, poll, fd, -1, 0, Watched::LISTENER});
  ::close(fd);
  return failed;
}

int Poller::addConnection(int fd) {
  const bool isNewcomer = newcomers_ != nullptr && !ended_;
  int failed = 0;
  uv_poll_s *poll = isNewcomer ? nullptr : inLoop(fd, &failed);
  if (failed == 0) return keep(new Watch{this, poll, fd, -1, 0, Watched::CONNECTION});
  ::close(fd);
  return failed;
}

int Poller::establish(Watch *watch) {
  if (watch->poll != nullptr) return 0;
  const int events = watch->events;
  const int stopped = await(watch, 0);
  if (stopped != 0) return stopped;
  int failed = 0;
  watch->poll = inLoop(watch->fd, &failed);
  if (watch->poll == nullptr) return failed;
  uv_handle_set_data(handleOf(watch->poll), watch);
  return await(watch, events);
}

Watch *Poller::at(int number) const {
  if (number < 0 || static_cast<size_t>(number) >= watches_.size()) return nullptr;
  return watches_[number];
}

int Poller::await(Watch *watch, int events) {
  if (watch->events == events) return 0;
  if (watch->poll == nullptr) return awaitNewcomer(watch, events);
  watch->events = events;
  return events == 0 ? uv_poll_stop(watch->poll) : uv_poll_start(watch->poll, events, onEvent);
}

int Poller::awaitNewcomer(Watch *watch, int events) {
#if defined(__linux__)
  epoll_event event = {};
  if ((events & READABLE) != 0) event.events |= EPOLLIN;
  if ((events & WRITABLE) != 0) event.events |= EPOLLOUT;
  event.data.fd = watch->number;
  // Where nothing is awaited, it leaves the set: of its end it would be told there all the same.
  const int operation = watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  const int changed =
      epoll_ctl(newcomers_->fd, events == 0 ? EPOLL_CTL_DEL : operation, watch->fd, &event);
  if (changed != 0) return -errno;
#endif
  watch->events = events;
  return 0;
}

/** The loop forgets the descriptor at once, so that it may be closed before the handle is gone. */
void Poller::close(Watch *watch) {
  if (watch->number >= 0) {
    watches_[watch->number] = nullptr;
    free_.push_back(watch->number);
  }
  if (watch->poll != nullptr) uv_close(handleOf(watch->poll), onClosed);
  ::close(watch->fd);
  watch->fd = -1;
  if (watch->poll == nullptr) delete watch;
}

void Poller::closeAll() {
  for (size_t number = 0; number < watches_.size(); number++) {
    if (watches_[number] != nullptr) close(watches_[number]);
  }
  if (newcomers_ != nullptr) close(newcomers_);
  newcomers_ = nullptr;
}

void Poller::onClosed(uv_handle_s *handle) {
  auto *watch = static_cast<Watch *>(uv_handle_get_data(handle));
  Poller *poller = watch->poller;
  delete watch;
  free(handle);
  poller->open_--;
  poller->onLetGo();
}

/** A thread that ends while its loop still has handles of ours would end the process. */
void Poller::onThreadEnds(napi_async_cleanup_hook_handle, void *data) {
  auto *poller = static_cast<Poller *>(data);
  poller->ended_ = true;
  poller->closeAll();
  poller->onLetGo();
}

void Poller::onCollected(napi_env, void *data, void *) {
  auto *poller = static_cast<Poller *>(data);
  poller->collected_ = true;
  poller->onLetGo();
}

/** The thread may end once the loop has let go of all handles. Then the poller is freed too. */
void Poller::onLetGo() {
  if (!ended_ || open_ > 0) return;
  if (hook_ != nullptr) napi_remove_async_cleanup_hook(hook_);
  hook_ = nullptr;
  if (collected_) delete this;
}

void Poller::onEvent(uv_poll_s *handle, int status, int events) {
  auto *watch = static_cast<Watch *>(uv_handle_get_data(reinterpret_cast<uv_handle_s *>(handle)));
  Poller *poller = watch->poller;
  if (watch->what == Watched::NEWCOMERS) {
    poller->serveNewcomers();
  } else if (watch->what == Watched::LISTENER) {
    poller->call(poller->onAcceptable_, watch->number, 0);
  } else {
    // libuv has stopped watching one that is broken.
    if (status < 0) watch->events = 0;
    poller->onConnectionEvent(watch, status < 0, events);
  }
}

/** One after the other, until their share of the turn is used. The kernel keeps their order. */
void Poller::serveNewcomers() {
#if defined(__linux__)
  const uint64_t endNs = uv_hrtime() + NEWCOMERS_TURN_NS;
  do {
    epoll_event event;
    if (ended_ || epoll_wait(newcomers_->fd, &event, 1, 0) != 1) return;
    Watch *watch = at(event.data.fd);
    if (watch == nullptr) continue;
    const bool isBroken = (event.events & EPOLLERR) != 0;
    if (isBroken) awaitNewcomer(watch, 0);
    int events = (event.events & (EPOLLIN | EPOLLHUP)) != 0 ? READABLE : 0;
    if ((event.events & EPOLLOUT) != 0) events |= WRITABLE;
    onConnectionEvent(watch, isBroken, events);
  } while (uv_hrtime() < endNs);
#endif
}

void Poller::onConnectionEvent(Watch *watch, bool isBroken, int events) {
  const int number = watch->number;
  if (isBroken) {
    // The socket itself knows what is wrong.
    call(onRead_, number, -errorOf(watch->fd));
    return;
  }
  if ((events & WRITABLE) != 0) {
    call(onWritable_, number, 0);
    // The callback may have closed it, or asked for no more reads.
    if (at(number) != watch || (watch->events & READABLE) == 0) return;
  }
  if ((events & READABLE) != 0) read(watch);
}

/** One read. A peer that sends more than it may take waits for the next turn like all. */
void Poller::read(Watch *watch) {
  const int64_t start = nextWord_ == nullptr ? 0 : *nextWord_;
  if (start < 0 || !inside(static_cast<size_t>(start), readMax_, bytes_.length)) return;
  ssize_t count;
  do {
    count = recv(watch->fd, bytes_.data + start, readMax_, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  call(onRead_, watch->number, count < 0 ? -errno : count);
}

void Poller::call(napi_ref callback, int number, int64_t value) {
  if (ended_) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value values[2] = {errorNumber(env_, number), numberValue(env_, value)};
  const napi_status called = napi_make_callback(env_, context_, valueOf(env_, receiver_),
                                                valueOf(env_, callback), 2, values, nullptr);
  napi_value thrown;
  if (called == napi_pending_exception &&
      napi_get_and_clear_last_exception(env_, &thrown) == napi_ok) {
    napi_fatal_exception(env_, thrown);
  }
  napi_close_handle_scope(env_, scope);
}

}  // namespace millrace
