// Looking through the records of a batch before it is stored: one call for all of them. It judges
// as walkRecords() in src/records/record-walker.ts does, where the layout is drawn.
#include "arguments.h"

namespace millrace {
namespace {

constexpr uint64_t NULL_LENGTH = 1;  // -1 in zigzag
constexpr int VARINT_BYTES = 5;
constexpr int VARLONG_BYTES = 7;

/** A place in the batch and the end that must not be passed. */
struct Walk {
  const uint8_t *at;
  const uint8_t *end;
};

/** The same whatever its length is. */
bool nextLongVarint(Walk *walk, uint64_t *value) {
  uint64_t read = 0;
  for (int shift = 0; shift < VARINT_BYTES * 7; shift += 7) {
    if (walk->at >= walk->end) return false;
    const uint8_t byte = *walk->at++;
    read |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = read;
      return read >> 32 == 0;
    }
  }
  return false;
}

/** An unsigned varint below 2^32; false where it is cut off, longer or larger. */
inline bool nextVarint(Walk *walk, uint64_t *value) {
  const uint8_t *at = walk->at;
  if (walk->end - at >= 2) {
    const uint32_t first = at[0];
    if (first < 0x80) {
      walk->at = at + 1;
      *value = first;
      return true;
    }
    const uint32_t second = at[1];
    if (second < 0x80) {
      walk->at = at + 2;
      *value = (first & 0x7f) | second << 7;
      return true;
    }
  }
  return nextLongVarint(walk, value);
}

inline bool skipVarlong(Walk *walk) {
  for (int count = 0; count < VARLONG_BYTES; count++) {
    if (walk->at >= walk->end) return false;
    if (*walk->at++ < 0x80) return true;
  }
  return false;
}

/** The zigzag varint that ends before `end`. */
int64_t varlongOf(const uint8_t *at, const uint8_t *end) {
  uint64_t read = 0;
  for (int shift = 0; at < end; shift += 7) read |= static_cast<uint64_t>(*at++ & 0x7f) << shift;
  return static_cast<int64_t>(read >> 1) ^ -static_cast<int64_t>(read & 1);
}

/** Steps over a length (zigzag, -1 is null) and its bytes; false where they do not fit. */
inline bool skipBytes(Walk *walk) {
  uint64_t raw;
  if (!nextVarint(walk, &raw)) return false;
  if ((raw & 1) != 0) return raw == NULL_LENGTH;
  if (raw / 2 > static_cast<uint64_t>(walk->end - walk->at)) return false;
  walk->at += raw / 2;
  return true;
}

bool skipSomeHeaders(Walk *walk) {
  uint64_t raw;
  if (!nextVarint(walk, &raw) || (raw & 1) != 0) return false;
  for (uint64_t left = raw / 2; left > 0; left--) {
    if (walk->at >= walk->end || (*walk->at & 1) != 0) return false;
    if (!skipBytes(walk) || !skipBytes(walk)) return false;
  }
  return true;
}

inline bool skipHeaders(Walk *walk) {
  if (walk->at >= walk->end || *walk->at != 0) return skipSomeHeaders(walk);
  walk->at++;
  return true;
}

/** What is asked of each record besides that it is coherent. The bounds may be infinite. */
struct Rules {
  bool keyRequired;
  double minDelta;
  double maxDelta;
  /** A timestamp delta of so few bytes lies within the bounds, so it is only stepped over. */
  int shortBytes;
};

int shortBytesOf(double minDelta, double maxDelta) {
  int bytes = 0;
  while (bytes < VARLONG_BYTES) {
    const double bound = static_cast<double>(uint64_t{1} << (7 * (bytes + 1) - 1));
    if (-bound < minDelta || bound > maxDelta) break;
    bytes++;
  }
  return bytes;
}

/** Steps over a timestamp delta; false where it is malformed or outside of the bounds. */
inline bool skipTime(Walk *walk, const Rules &rules) {
  const uint8_t *start = walk->at;
  if (start < walk->end && *start < 0x80 && rules.shortBytes > 0) {
    walk->at++;
    return true;
  }
  if (!skipVarlong(walk)) return false;
  if (walk->at - start <= rules.shortBytes) return true;
  const double delta = static_cast<double>(varlongOf(start, walk->at));
  return delta >= rules.minDelta && delta <= rules.maxDelta;
}

inline bool skipRecord(Walk *walk, uint64_t delta, const Rules &rules) {
  uint64_t length;
  if (!nextVarint(walk, &length) || (length & 1) != 0) return false;
  if (length / 2 > static_cast<uint64_t>(walk->end - walk->at)) return false;
  Walk record = {walk->at, walk->at + length / 2};
  walk->at = record.end;
  if (record.at >= record.end) return false;
  record.at++;  // the attributes
  uint64_t found;
  if (!skipTime(&record, rules) || !nextVarint(&record, &found) || found != delta * 2) return false;
  if (rules.keyRequired && record.at < record.end && *record.at == NULL_LENGTH) return false;
  if (!skipBytes(&record) || !skipBytes(&record) || !skipHeaders(&record)) return false;
  return record.at == record.end;
}

/** walkRecords(bytes, start, end, count, keysRequired, minDelta, maxDelta) */
napi_value walkRecords(napi_env env, napi_callback_info info) {
  napi_value values[7];
  arguments(env, info, 7, values);
  Bytes bytes;
  size_t start;
  size_t end;
  int count;
  Rules rules;
  if (!bytesOf(env, values[0], &bytes) || !sizeOf(env, values[1], &start) ||
      !sizeOf(env, values[2], &end) || start > end || end > bytes.length ||
      !intOf(env, values[3], &count) ||
      napi_get_value_bool(env, values[4], &rules.keyRequired) != napi_ok ||
      napi_get_value_double(env, values[5], &rules.minDelta) != napi_ok ||
      napi_get_value_double(env, values[6], &rules.maxDelta) != napi_ok) {
    return fail(env, "walkRecords takes bytes, a range, a count, a boolean and two bounds");
  }
  rules.shortBytes = shortBytesOf(rules.minDelta, rules.maxDelta);
  Walk walk = {bytes.data + start, bytes.data + end};
  bool sound = true;
  for (int delta = 0; sound && delta < count; delta++) {
    sound = skipRecord(&walk, static_cast<uint64_t>(delta), rules);
  }
  napi_value result;
  napi_get_boolean(env, sound && walk.at == walk.end, &result);
  return result;
}

}  // namespace

void defineRecords(napi_env env, napi_value exports) {
  define(env, exports, "walkRecords", walkRecords);
}

}  // namespace millrace
