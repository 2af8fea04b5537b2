/** Runs random cases through Kafka Streams and through millrace/streams, and finds what differs. */

import { differenceOf } from './difference-of.mjs';
import { generateCase } from './generate-case.mjs';
import { Judge } from './judge.mjs';
import { playCase } from './play-case.mjs';

/** `{ seed, what }` of each case that differs. */
export async function differences(firstSeed, count, moves) {
  const judge = await Judge.start();
  const found = [];
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const judged = generateCase(seed, moves);
      const what = differenceOf(await judge.ask(judged), playCase(judged), judged.config);
      if (what !== null) found.push({ seed, what });
    }
  } finally {
    await judge.close();
  }
  return found;
}

if (process.argv[1]?.endsWith('differential.mjs')) {
  const [first = '1', count = '100', moves] = process.argv.slice(2);
  const found = await differences(Number(first), Number(count), moves?.split(','));
  for (const { seed, what } of found) process.stdout.write(`seed ${seed}: ${what}\n`);
  process.stdout.write(`${found.length} of ${count} differ\n`);
}
