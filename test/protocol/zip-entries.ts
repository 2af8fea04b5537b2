import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const STORED = 0;

/** The files inside a zip or jar whose names a filter takes, by name. */
export function zipEntries(zip: Buffer, takes: (name: string) => boolean): Map<string, Buffer> {
  let endAt = zip.length - 22;
  while (zip.readUInt32LE(endAt) !== END_SIGNATURE) endAt--;
  const entries = new Map<string, Buffer>();
  let at = zip.readUInt32LE(endAt + 16);
  for (let left = zip.readUInt16LE(endAt + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (takes(name)) entries.set(name, contentOf(zip, at));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf(zip: Buffer, directoryAt: number): Buffer {
  const method = zip.readUInt16LE(directoryAt + 10);
  const size = zip.readUInt32LE(directoryAt + 20);
  const localAt = zip.readUInt32LE(directoryAt + 42);
  const from = localAt + 30 + zip.readUInt16LE(localAt + 26) + zip.readUInt16LE(localAt + 28);
  const content = zip.subarray(from, from + size);
  return method === STORED ? content : inflateRawSync(content);
}
