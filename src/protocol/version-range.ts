import { MillraceError } from '../base/errors.ts';

export interface VersionRange {
  readonly lowest: number;
  readonly highest: number;
}

const NO_VERSIONS: VersionRange = { lowest: 0, highest: -1 };

/** The tables say the same few ranges thousands of times. */
const parsed = new Map<string, VersionRange>();

/** Reads '3', '0-12', '4+' or 'none'; an open end is the highest version an int16 can name. */
export function parseVersions(text: string): VersionRange {
  let range = parsed.get(text);
  if (range === undefined) {
    range = parse(text);
    parsed.set(text, range);
  }
  return range;
}

function parse(text: string): VersionRange {
  if (text === 'none') return NO_VERSIONS;
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new MillraceError('MILLRACE_ASSERTION', `bad versions: '${text}'`);
  const lowest = Number(match[1]);
  if (match[2] !== undefined) return { lowest, highest: 0x7fff };
  return { lowest, highest: match[3] === undefined ? lowest : Number(match[3]) };
}

export function includesVersion(range: VersionRange, version: number): boolean {
  return version >= range.lowest && version <= range.highest;
}
