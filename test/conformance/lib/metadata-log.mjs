/** Kafka's reading of the controllers' metadata log beside ours. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeMetadataRecord } from '#millrace/cluster/quorum/metadata-record';
import { decodeRecords } from '#millrace/records/record-iterator';
import { tool } from './kafka-tools.mjs';

const DUMPED = /\boffset: (\d+) .*\bpayload: (\{.*\})$/;

/**
 * Reads every record of a controller's log and snapshots with Kafka's DumpLogSegments and with
 * `decodeMetadataRecord`. Answers how many there are; throws where one is not the same.
 */
export async function compareWithDump(folder) {
  const log = join(folder, '__cluster_metadata-0');
  const names = (await readdir(log)).filter((name) => /\d\.(log|checkpoint)$/.test(name));
  let count = 0;
  for (const name of names) {
    const file = join(log, name);
    const dump = await tool('DumpLogSegments', ['--cluster-metadata-decoder', '--files', file]);
    const theirs = dump.split('\n').map((line) => DUMPED.exec(line));
    const ours = decodeRecords(await readFile(file));
    for (const [i, [, offset, payload]] of theirs.filter((match) => match !== null).entries()) {
      const { body } = decodeMetadataRecord(ours[i].value, ours[i].offset);
      const { type, data } = JSON.parse(payload);
      const difference = differenceOf(data, body, type);
      if (difference !== null) throw new Error(`${name} at ${offset}: ${difference}`);
      count += 1;
    }
  }
  return count;
}

/** Kafka leaves out tagged fields that have their default. */
function differenceOf(theirs, ours, path) {
  if (Buffer.isBuffer(ours)) return differenceOf(theirs, ours.toString('base64'), path);
  if (typeof theirs !== 'object' || theirs === null) {
    return theirs === ours ? null : `${path} is ${theirs} for Kafka and ${ours} here`;
  }
  if (Array.isArray(theirs) && theirs.length !== ours.length) {
    return `${path} has ${theirs.length} elements for Kafka and ${ours.length} here`;
  }
  for (const [key, value] of Object.entries(theirs)) {
    const difference = differenceOf(value, ours[key], `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}
