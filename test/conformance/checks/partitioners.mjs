/** Where a record with a key goes: this repository's client chooses as Java's does. */

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENTS, MILLRACE_CLIENT, runJobs, withScratch } from '../lib/clients.mjs';

const KEYS = 10_000;
const COUNTS = [1, 3, 7, 12, 50, 1_000];
const LENGTH_MAX = 40;

/** Keys of all lengths from none on, of any bytes, in base64. */
function randomKeys() {
  return Array.from({ length: KEYS }, (_, i) => randomBytes(i % LENGTH_MAX).toString('base64'));
}

async function run(context) {
  await withScratch(async (folder) => {
    const file = join(folder, 'keys');
    await writeFile(file, randomKeys().join('\n'));
    const chosen = [];
    for (const client of [CLIENTS.java, MILLRACE_CLIENT]) {
      const out = join(folder, `partitions-${chosen.length}`);
      const job = { do: 'partitions', file, counts: COUNTS, out };
      const [error] = await runJobs(client, '', [job], folder);
      if (error !== null) throw new Error(`${client.title}: ${error}`);
      chosen.push(JSON.parse(await readFile(out, 'utf8')));
    }
    const [expected, actual] = chosen;
    for (const [i, count] of COUNTS.entries()) {
      await context.step(`${KEYS} keys, ${count} partitions`, () => {
        if (expected[i].length !== KEYS) throw new Error(`Java chose for ${expected[i].length}`);
        const differing = actual[i].findIndex((partition, key) => partition !== expected[i][key]);
        if (differing < 0 && actual[i].length === KEYS) return;
        throw new Error(`key ${differing}: ${actual[i][differing]}, not ${expected[i][differing]}`);
      });
    }
  });
}

export const partitionerChecks = [
  {
    name: 'partitioner-millrace',
    proves: `millrace/client: ${KEYS} random keys go where Java's partitioner sends them`,
    needs: 'java, mvn',
    command: 'clients: BuiltInPartitioner.partitionForKey and partitionOfKey, the same keys',
    sets: ['quick', 'full'],
    brokers: ['millrace'],
    limitS: 120,
    run,
  },
];
