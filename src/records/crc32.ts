const POLYNOMIAL_REVERSED = 0xedb88320;

let table: Int32Array | undefined;

function buildTable(): Int32Array {
  const built = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) {
      rest = (rest & 1) !== 0 ? (rest >>> 1) ^ POLYNOMIAL_REVERSED : rest >>> 1;
    }
    built[byte] = rest;
  }
  return built;
}

/** The checksum of gzip, for where there is no node:zlib. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  table ??= buildTable();
  const known = table;
  let rest = -1;
  for (let at = start; at < end; at++) rest = (rest >>> 8) ^ known[(rest ^ bytes[at]!) & 0xff]!;
  return ~rest >>> 0;
}
