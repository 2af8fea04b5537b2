// System errors as JavaScript exceptions.
#pragma once

#include <cstdio>
#include <cstring>

#include "arguments.h"

namespace millrace {

/** With the errno as a property, as Node's own system errors have it. */
inline napi_value throwSystem(napi_env env, const char *what, int number) {
  char message[160];
  snprintf(message, sizeof message, "%s: %s (errno %d)", what, strerror(number), number);
  napi_value text = nullptr;
  napi_value error = nullptr;
  napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text);
  napi_create_error(env, nullptr, text, &error);
  napi_set_named_property(env, error, "errno", errorNumber(env, number));
  napi_throw(env, error);
  return nullptr;
}

}  // namespace millrace
