/**
 * What readers of committed records must see of transactions: a committed one whole and once, an
 * aborted one not at all, those of a producer in their order. No open transaction hides what comes
 * after it for longer than its time-out.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { highWatermark, lastStableOffset } from './replicas.mjs';
import { TRANSACTION_MS } from './transactional-writers.mjs';

const LOOK_MS = 200;
/** The coordinator looks every second, and writes markers then. */
const STABLE_MS = TRANSACTION_MS + 5_000;
const FEW = 5;

/** Throws where a transaction is open in a partition for longer than its time-out. */
export async function untilStable(cluster, topic, partitions) {
  const ends = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    ends.push(await highWatermark(cluster, topic, partition));
  }
  const untilMs = performance.now() + STABLE_MS;
  for (const [partition, end] of ends.entries()) {
    for (;;) {
      const stable = await lastStableOffset(cluster, topic, partition);
      if (stable >= end) break;
      if (performance.now() > untilMs) {
        throw new Error(`${topic}-${partition}: open at ${stable} before ${end}, ${STABLE_MS} ms`);
      }
      await pause(LOOK_MS);
    }
  }
}

/** What was read: by transaction the places of its records. Tells what is wrong with the records. */
function gather(read, wrong) {
  const found = new Map();
  for (const [partition, records] of read.entries()) {
    const last = new Map();
    for (const { offset, value } of records) {
      const [writer, number, index] = value.split(':');
      const id = `${writer}:${number}`;
      const places = found.get(id) ?? new Map();
      found.set(id, places);
      const where = `${id}, record ${index}, at ${partition}/${offset}`;
      if (places.has(index)) wrong.push(`doubled: ${where}`);
      places.set(index, partition);
      const at = Number(number) * 1_000 + Number(index);
      if (at < (last.get(writer) ?? -1)) wrong.push(`order: ${where}`);
      last.set(writer, at);
    }
  }
  return found;
}

/**
 * Throws with what is wrong.
 * @param {{
 *   read: { offset: number, value: string }[][],
 *   told: { id: string, places: number[], outcome: string }[],
 *   tails: { partition: number, records: { offset: number, value: string }[], wrong: string[] }[],
 * }} seen what is committed in each partition, what writers were told, and what was read meanwhile
 */
export function judgeTransactions({ read, told, tails }) {
  const wrong = tails.flatMap((tail) => tail.wrong);
  const found = gather(read, wrong);
  for (const { id, places, outcome } of told) {
    const seen = found.get(id) ?? new Map();
    found.delete(id);
    const has = places.filter((partition, index) => seen.get(String(index)) === partition).length;
    const what = `${id} has ${has} of ${places.length} records`;
    if (seen.size !== has) wrong.push(`elsewhere: ${what}`);
    if (outcome === 'committed' && has < places.length) wrong.push(`committed: ${what}`);
    if (outcome === 'aborted' && has > 0) wrong.push(`aborted: ${what}`);
    if (outcome === 'unknown' && has > 0 && has < places.length) wrong.push(`torn: ${what}`);
  }
  for (const id of found.keys()) wrong.push(`nobody wrote ${id}`);
  for (const { partition, records } of tails) {
    const textOf = ({ offset, value }) => `${offset} ${value}`;
    const now = read[partition].map(textOf);
    const other = records.findIndex((record, i) => textOf(record) !== now[i]);
    if (other >= 0) wrong.push(`changed: ${partition}: ${textOf(records[other]).slice(0, 60)}`);
  }
  if (wrong.length === 0) return;
  throw new Error(`${wrong.length} wrong:\n${wrong.slice(0, FEW).join('\n')}`);
}
