/**
 * The records that every client sends and must get back byte for byte, one JSON object a line:
 *   {"t": timestamp, "k": base64 or null, "v": base64 or null, "h": [[name, base64 or null], …]}
 * A consumer adds the offset as "o".
 */

import { readFile, writeFile } from 'node:fs/promises';

const LARGE_BYTES = 30_000;

/** Small deterministic generator (mulberry32), so that a failing record can be made again. */
function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function randomBytes(next, length) {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) bytes[i] = next() * 256;
  return bytes;
}

/**
 * @param traits what the client's own interface cannot say: `nullHeaders: false` (no null header
 *   values), `repeatedHeaders: false` (a name once a record), `nullPairs: false`
 *   (no record whose key and value are both null).
 */
export function makeRecords(count, seed, traits = {}) {
  const next = randomSource(seed);
  const base = Date.now() - 600_000;
  const records = [];
  for (let i = 0; i < count; i += 1) {
    records.push({
      t: base + i * 7,
      k: i % 5 === 0 ? null : i % 11 === 1 ? '' : text(`key-${i % 40}`),
      v: recordValue(i, next, traits),
      h: headersOf(i, next, traits),
    });
  }
  return records;
}

function text(value) {
  return Buffer.from(value).toString('base64');
}

function recordValue(i, next, traits) {
  // Every fifth record has no key.
  const keyless = i % 5 === 0;
  if (i % 13 === 3 && !(keyless && traits.nullPairs === false)) return null;
  if (i % 17 === 4) return '';
  if (i % 50 === 9) return randomBytes(next, LARGE_BYTES).toString('base64');
  if (i % 50 === 29) return Buffer.alloc(LARGE_BYTES, `row ${i};`).toString('base64');
  if (i % 3 === 0) return text(`wert ${i} – straße, 値, 🚰`);
  return randomBytes(next, 10 + (i % 90)).toString('base64');
}

function headersOf(i, next, traits) {
  const headers = [];
  if (i % 4 === 0) headers.push(['trace', randomBytes(next, 16).toString('base64')]);
  if (i % 4 === 1) headers.push(['plain', text(`value ${i}`)], ['ünï', text('ö')], ['empty', '']);
  if (i % 8 === 2 && traits.nullHeaders !== false) headers.push(['none', null]);
  if (i % 8 === 6 && traits.repeatedHeaders !== false) {
    headers.push(['again', text('1')], ['again', text('2')]);
  }
  return headers;
}

export async function writeRecords(path, records) {
  await writeFile(path, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
}

export async function readRecords(path) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

/** Throws with the first difference; offsets must count up from `firstOffset`. */
export function compareRecords(expected, actual, firstOffset = 0) {
  const count = Math.min(expected.length, actual.length);
  for (let i = 0; i < count; i += 1) {
    const got = actual[i];
    if (got.o !== firstOffset + i) {
      throw new Error(`record ${i} came with offset ${got.o} in place of ${firstOffset + i}`);
    }
    for (const field of ['t', 'k', 'v', 'h']) {
      const [want, have] = [JSON.stringify(expected[i][field]), JSON.stringify(got[field])];
      if (want !== have) {
        const cut = (value) => (value ?? 'nothing').slice(0, 120);
        throw new Error(`record ${i}, field ${field}: sent ${cut(want)}, got ${cut(have)}`);
      }
    }
  }
  if (expected.length !== actual.length) {
    throw new Error(`sent ${expected.length} records, got ${actual.length}`);
  }
}
