// The few functions of libuv that the addon calls. Node exports them, and their signatures have
// been those of libuv 1 since its start; uv.h itself comes with no npm package.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;

using uv_poll_callback = void (*)(uv_poll_s *handle, int status, int events);
using uv_close_callback = void (*)(uv_handle_s *handle);

size_t uv_handle_size(int type);
void *uv_handle_get_data(const uv_handle_s *handle);
void uv_handle_set_data(uv_handle_s *handle, void *data);
void uv_close(uv_handle_s *handle, uv_close_callback closed);
void uv_unref(uv_handle_s *handle);
uint64_t uv_hrtime(void);
int uv_poll_init(uv_loop_s *loop, uv_poll_s *handle, int fd);
int uv_poll_start(uv_poll_s *handle, int events, uv_poll_callback callback);
int uv_poll_stop(uv_poll_s *handle);

}  // extern "C"

namespace millrace {

/** Of uv_handle_type. */
constexpr int POLL_HANDLE = 8;
/** Of uv_poll_event. */
constexpr int READABLE = 1;
constexpr int WRITABLE = 2;

}  // namespace millrace
