// Walking over the record batches of a segment, for starts after a crash: one call for the many
// batches of a stretch. It judges nothing that is unusual: there it stops, and JavaScript looks.
//
//   0            8         12       16      17     21 23            27        35        43
//   | base 8     | size 4  | epoch  | magic | CRC  | attributes, last delta | base ts | max ts ...
#include <cstring>

#include "arguments.h"
#include "crc32c.h"

namespace millrace {
namespace {

constexpr size_t HEADER = 61;
constexpr size_t CRC_AT = 17;
constexpr size_t CRC_FROM = 21;
constexpr size_t LAST_DELTA_AT = 23;
constexpr size_t MAX_TIMESTAMP_AT = 35;
constexpr size_t PRODUCER_AT = 43;
constexpr int64_t MAX_SAFE = (int64_t{1} << 53) - 1;

inline uint32_t read32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  value = __builtin_bswap32(value);
#endif
  return value;
}

inline int64_t read64(const uint8_t *at) {
  return static_cast<int64_t>(static_cast<uint64_t>(read32(at)) << 32 | read32(at + 4));
}

/** The size of the batch by its header, 0 where it does not lie in `room` bytes. */
inline size_t sizeOfBatch(const uint8_t *batch, size_t room) {
  if (room < HEADER || batch[16] != 2) return 0;
  const int32_t length = static_cast<int32_t>(read32(batch + 8));
  const size_t size = static_cast<size_t>(length) + 12;
  return length < 0 || size < HEADER || size > room ? 0 : size;
}

/** The range [at, end) of the arguments 0, 1, 2. */
bool rangeOf(napi_env env, napi_value *values, Bytes *bytes, size_t *at, size_t *end) {
  return bytesOf(env, values[0], bytes) && sizeOf(env, values[1], at) &&
         sizeOf(env, values[2], end) && *at <= *end && *end <= bytes->length;
}

/**
 * scanBatches(bytes, at, end, offset, budget, found): steps over sound batches whose base offsets
 * follow each other from `offset` on, until more than `budget` bytes are behind; the position where
 * it stopped. found = [next offset, largest timestamp, last offset of the batch that has it].
 */
napi_value scanBatches(napi_env env, napi_callback_info info) {
  napi_value values[6];
  arguments(env, info, 6, values);
  Bytes bytes;
  size_t at;
  size_t end;
  int64_t offset;
  size_t budget;
  napi_typedarray_type type;
  size_t length;
  void *found;
  if (!rangeOf(env, values, &bytes, &at, &end) ||
      napi_get_value_int64(env, values[3], &offset) != napi_ok ||
      !sizeOf(env, values[4], &budget) ||
      napi_get_typedarray_info(env, values[5], &type, &length, &found, nullptr, nullptr) !=
          napi_ok ||
      type != napi_float64_array || length < 3) {
    return fail(env, "scanBatches takes bytes, a range, an offset, a budget and 3 doubles");
  }
  const size_t start = at;
  int64_t newest = -1;
  int64_t newestOffset = -1;
  while (at - start <= budget) {
    const uint8_t *batch = bytes.data + at;
    const size_t size = sizeOfBatch(batch, end - at);
    if (size == 0 || read64(batch) != offset) break;
    const int32_t lastDelta = static_cast<int32_t>(read32(batch + LAST_DELTA_AT));
    if (lastDelta < 0 || offset > MAX_SAFE - lastDelta) break;
    if (crc32c(batch + CRC_FROM, size - CRC_FROM) != read32(batch + CRC_AT)) break;
    const int64_t timestamp = read64(batch + MAX_TIMESTAMP_AT);
    if (timestamp > newest) {
      newest = timestamp;
      newestOffset = offset + lastDelta;
    }
    offset += lastDelta + int64_t{1};
    at += size;
  }
  double *out = static_cast<double *>(found);
  out[0] = static_cast<double>(offset);
  out[1] = static_cast<double>(newest);
  out[2] = static_cast<double>(newestOffset);
  return numberValue(env, static_cast<int64_t>(at));
}

/** skipPlainBatches(bytes, at, end): the first batch that has a producer id, or is none at all. */
napi_value skipPlainBatches(napi_env env, napi_callback_info info) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Bytes bytes;
  size_t at;
  size_t end;
  if (!rangeOf(env, values, &bytes, &at, &end)) {
    return fail(env, "skipPlainBatches takes bytes and a range");
  }
  for (;;) {
    const uint8_t *batch = bytes.data + at;
    const size_t size = sizeOfBatch(batch, end - at);
    if (size == 0 || read64(batch + PRODUCER_AT) >= 0) break;
    at += size;
  }
  return numberValue(env, static_cast<int64_t>(at));
}

}  // namespace

void defineBatches(napi_env env, napi_value exports) {
  define(env, exports, "scanBatches", scanBatches);
  define(env, exports, "skipPlainBatches", skipPlainBatches);
}

}  // namespace millrace
