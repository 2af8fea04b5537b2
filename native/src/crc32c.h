// CRC-32C (Castagnoli), as record batches carry it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

/** The checksum of `length` bytes, with the processor's instruction where it has one. */
uint32_t crc32c(const uint8_t *data, size_t length);

/** The same by tables, for processors without the instruction and for tests of the other. */
uint32_t crc32cPortable(const uint8_t *data, size_t length);

}  // namespace millrace
