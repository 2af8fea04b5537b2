// Copies between any two buffers. TypedArray.set on shared memory copies byte by byte with relaxed
// atomics; the bytes copied here are owned by one thread at a time, so memcpy is right.
#include <cstring>

#include "arguments.h"

namespace millrace {
namespace {

/** copy(source, sourceAt, target, targetAt, length) */
napi_value copy(napi_env env, napi_callback_info info) {
  napi_value values[5];
  arguments(env, info, 5, values);
  Bytes source;
  Bytes target;
  size_t sourceAt;
  size_t targetAt;
  size_t length;
  if (!bytesOf(env, values[0], &source) || !sizeOf(env, values[1], &sourceAt) ||
      !bytesOf(env, values[2], &target) || !sizeOf(env, values[3], &targetAt) ||
      !sizeOf(env, values[4], &length)) {
    return fail(env, "copy takes a source, its position, a target, its position and a length");
  }
  if (!inside(sourceAt, length, source.length) || !inside(targetAt, length, target.length)) {
    return fail(env, "copy range lies outside the bytes");
  }
  memmove(target.data + targetAt, source.data + sourceAt, length);
  return nullptr;
}

}  // namespace

void defineCopy(napi_env env, napi_value exports) { define(env, exports, "copy", copy); }

}  // namespace millrace
