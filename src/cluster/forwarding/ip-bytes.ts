import { isIPv4, isIPv6 } from 'node:net';

const UNKNOWN = Buffer.alloc(4);
const GROUPS = 8;

/** The bytes of an IP address, as Java has them; 0.0.0.0 for what is none. */
export function ipBytes(address: string): Buffer {
  const plain = address.replace(/%.*$/, '');
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  if (!isIPv6(plain)) return UNKNOWN;
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (embedded === null) return ofGroups(plain);
  const hex = ipBytes(embedded[2]!).toString('hex');
  const bytes = ofGroups(`${embedded[1]}${hex.slice(0, 4)}:${hex.slice(4)}`);
  // Java makes a mapped IPv4 address one of IPv4.
  const isMapped = bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every((b) => b === 0);
  return isMapped ? bytes.subarray(12) : bytes;
}

function ofGroups(text: string): Buffer {
  const [head, tail] = text.split('::') as [string, string | undefined];
  const before = groupsIn(head);
  const after = groupsIn(tail ?? '');
  const gap: number[] = new Array(GROUPS - before.length - after.length).fill(0);
  const bytes = Buffer.alloc(2 * GROUPS);
  for (const [i, group] of [...before, ...gap, ...after].entries()) {
    bytes.writeUInt16BE(group, 2 * i);
  }
  return bytes;
}

function groupsIn(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
