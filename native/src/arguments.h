// Reading arguments and returning values: every function of the addon starts with these, so that
// a wrong argument is a JavaScript exception and never a stray pointer.
#pragma once

#define NAPI_VERSION 8
#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace millrace {

struct Bytes {
  uint8_t *data;
  size_t length;
};

inline napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, "MILLRACE_NATIVE", message);
  return nullptr;
}

/** Fills `values` with `count` arguments; absent ones are undefined and fail their check. */
inline void arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
}

/** Any Uint8Array (Buffers are), over private, shared or mapped memory. */
inline bool bytesOf(napi_env env, napi_value value, Bytes *bytes) {
  napi_typedarray_type type;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &bytes->length, &data, nullptr, nullptr) !=
      napi_ok) {
    return false;
  }
  bytes->data = static_cast<uint8_t *>(data);
  return type == napi_uint8_array;
}

/** A number that counts bytes or positions: a whole number that is not negative. */
inline bool sizeOf(napi_env env, napi_value value, size_t *size) {
  int64_t number;
  if (napi_get_value_int64(env, value, &number) != napi_ok || number < 0) return false;
  *size = static_cast<size_t>(number);
  return true;
}

inline bool intOf(napi_env env, napi_value value, int *number) {
  int32_t read;
  if (napi_get_value_int32(env, value, &read) != napi_ok) return false;
  *number = read;
  return true;
}

/** Whether [at, at + length) lies inside `whole` bytes, without overflow. */
inline bool inside(size_t at, size_t length, size_t whole) {
  return at <= whole && length <= whole - at;
}

inline napi_value numberValue(napi_env env, int64_t number) {
  napi_value value = nullptr;
  napi_create_int64(env, number, &value);
  return value;
}

inline napi_value errorNumber(napi_env env, int number) {
  napi_value value = nullptr;
  napi_create_int32(env, number, &value);
  return value;
}

inline void define(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

void defineChecksum(napi_env env, napi_value exports);
void defineCopy(napi_env env, napi_value exports);
void defineMap(napi_env env, napi_value exports);
void defineDisk(napi_env env, napi_value exports);
void defineBell(napi_env env, napi_value exports);
void defineWindow(napi_env env, napi_value exports);
void defineBatches(napi_env env, napi_value exports);
void defineRecords(napi_env env, napi_value exports);
void defineSocket(napi_env env, napi_value exports);
void defineThread(napi_env env, napi_value exports);
void defineMemory(napi_env env, napi_value exports);

}  // namespace millrace
