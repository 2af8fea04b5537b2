// The instruction takes 3 cycles but one can start every cycle, so three runs of equal length are
// summed side by side and joined: appending n zero bytes to a message is a linear map of its
// checksum, kept in a table for each of the two run lengths.
//
//   | run a (n bytes) | run b (n bytes) | run c (n bytes) |   sum = (a << n | b) << n | c
#include "crc32c.h"

#include <cstring>

#include "arguments.h"

#if defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
#include <nmmintrin.h>
// Newer versions of clang count the instruction as a feature of its own.
#if defined(__clang_major__) && __clang_major__ >= 14
#define HARDWARE __attribute__((target("sse4.2,crc32")))
#else
#define HARDWARE __attribute__((target("sse4.2")))
#endif
#define STEP8(crc, word) _mm_crc32_u64(crc, word)
#define STEP1(crc, byte) _mm_crc32_u8(static_cast<uint32_t>(crc), byte)
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_CRC32) || defined(__linux__))
#include <arm_acle.h>
#if defined(__ARM_FEATURE_CRC32)
#define HARDWARE
#elif defined(__clang__)
#define HARDWARE __attribute__((target("crc")))
#else
#define HARDWARE __attribute__((target("+crc")))
#endif
#define STEP8(crc, word) __crc32cd(static_cast<uint32_t>(crc), word)
#define STEP1(crc, byte) __crc32cb(static_cast<uint32_t>(crc), byte)
#endif

namespace millrace {
namespace {

constexpr uint32_t POLYNOMIAL = 0x82f63b78;  // bit-reversed

struct Slices {
  uint32_t at[8][256];

  Slices() {
    for (uint32_t byte = 0; byte < 256; byte++) {
      uint32_t crc = byte;
      for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
      at[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++) {
      for (uint32_t byte = 0; byte < 256; byte++) {
        const uint32_t before = at[slice - 1][byte];
        at[slice][byte] = (before >> 8) ^ at[0][before & 0xff];
      }
    }
  }
};

const Slices slices;

uint32_t feedByte(uint32_t crc, uint8_t byte) {
  return (crc >> 8) ^ slices.at[0][(crc ^ byte) & 0xff];
}

#ifdef HARDWARE

constexpr size_t LONG_RUN = 2048;
constexpr size_t SHORT_RUN = 128;

/** The linear map that appends `run` zero bytes: a table for each byte of the checksum. */
struct Shift {
  uint32_t at[4][256];

  explicit Shift(size_t run) {
    uint32_t ofBit[32];
    for (int bit = 0; bit < 32; bit++) {
      uint32_t crc = 1u << bit;
      for (size_t zero = 0; zero < run; zero++) crc = feedByte(crc, 0);
      ofBit[bit] = crc;
    }
    for (int part = 0; part < 4; part++) {
      for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = 0;
        for (int bit = 0; bit < 8; bit++) {
          if (byte & (1u << bit)) crc ^= ofBit[part * 8 + bit];
        }
        at[part][byte] = crc;
      }
    }
  }

  uint32_t apply(uint64_t crc) const {
    return at[0][crc & 0xff] ^ at[1][(crc >> 8) & 0xff] ^ at[2][(crc >> 16) & 0xff] ^
           at[3][(crc >> 24) & 0xff];
  }
};

const Shift longShift(LONG_RUN);
const Shift shortShift(SHORT_RUN);

inline uint64_t wordAt(const uint8_t *data) {
  uint64_t word;
  memcpy(&word, data, sizeof word);
  return word;
}

HARDWARE uint64_t threeRuns(uint64_t crc, const uint8_t *data, size_t run, const Shift &shift) {
  uint64_t second = 0;
  uint64_t third = 0;
  for (const uint8_t *end = data + run; data < end; data += 8) {
    crc = STEP8(crc, wordAt(data));
    second = STEP8(second, wordAt(data + run));
    third = STEP8(third, wordAt(data + 2 * run));
  }
  crc = shift.apply(crc) ^ second;
  return shift.apply(crc) ^ third;
}

HARDWARE uint32_t crc32cHardware(const uint8_t *data, size_t length) {
  uint64_t crc = 0xffffffff;
  for (; length >= 3 * LONG_RUN; data += 3 * LONG_RUN, length -= 3 * LONG_RUN) {
    crc = threeRuns(crc, data, LONG_RUN, longShift);
  }
  for (; length >= 3 * SHORT_RUN; data += 3 * SHORT_RUN, length -= 3 * SHORT_RUN) {
    crc = threeRuns(crc, data, SHORT_RUN, shortShift);
  }
  for (; length >= 8; data += 8, length -= 8) crc = STEP8(crc, wordAt(data));
  for (; length > 0; data++, length--) crc = STEP1(crc, *data);
  return ~static_cast<uint32_t>(crc);
}

bool hardwareHasIt() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2");
#elif defined(__ARM_FEATURE_CRC32)
  return true;  // every processor of the target has it
#else
  constexpr unsigned long CRC32_INSTRUCTION = 1 << 7;  // HWCAP_CRC32 of the kernel
  return (getauxval(AT_HWCAP) & CRC32_INSTRUCTION) != 0;
#endif
}

const bool hardware = hardwareHasIt();

#endif  // HARDWARE

using Function = uint32_t (*)(const uint8_t *, size_t);

/** crc32c(buffer, start, end) and its portable twin. */
napi_value checksum(napi_env env, napi_callback_info info, Function function) {
  napi_value values[3];
  arguments(env, info, 3, values);
  Bytes bytes;
  size_t start;
  size_t end;
  if (!bytesOf(env, values[0], &bytes) || !sizeOf(env, values[1], &start) ||
      !sizeOf(env, values[2], &end)) {
    return fail(env, "crc32c takes a Uint8Array, a start and an end");
  }
  if (start > end || end > bytes.length) return fail(env, "crc32c range lies outside the bytes");
  napi_value result = nullptr;
  napi_create_uint32(env, function(bytes.data + start, end - start), &result);
  return result;
}

}  // namespace

uint32_t crc32cPortable(const uint8_t *data, size_t length) {
  uint32_t crc = 0xffffffff;
  for (; length >= 8; data += 8, length -= 8) {
    const uint32_t low = crc ^ (data[0] | data[1] << 8 | data[2] << 16 |
                                static_cast<uint32_t>(data[3]) << 24);
    crc = slices.at[7][low & 0xff] ^ slices.at[6][(low >> 8) & 0xff] ^
          slices.at[5][(low >> 16) & 0xff] ^ slices.at[4][low >> 24] ^ slices.at[3][data[4]] ^
          slices.at[2][data[5]] ^ slices.at[1][data[6]] ^ slices.at[0][data[7]];
  }
  for (; length > 0; data++, length--) crc = feedByte(crc, *data);
  return ~crc;
}

uint32_t crc32c(const uint8_t *data, size_t length) {
#ifdef HARDWARE
  if (hardware) return crc32cHardware(data, length);
#endif
  return crc32cPortable(data, length);
}

void defineChecksum(napi_env env, napi_value exports) {
  define(env, exports, "crc32c", [](napi_env env, napi_callback_info info) {
    return checksum(env, info, crc32c);
  });
  define(env, exports, "crc32cPortable", [](napi_env env, napi_callback_info info) {
    return checksum(env, info, crc32cPortable);
  });
}

}  // namespace millrace
