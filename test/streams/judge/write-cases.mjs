#!/usr/bin/env node
/**
 * Writes `golden/cases.json`: for random cases the hash of what millrace/streams makes of them, each
 * after Kafka Streams has made the same of it. Run it again where the generator has changed.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerHash } from './answer-hash.mjs';
import { differenceOf } from './difference-of.mjs';
import { generateCase } from './generate-case.mjs';
import { Judge } from './judge.mjs';
import { playCase } from './play-case.mjs';

const CASES = 200;

const judge = await Judge.start();
const hashes = {};
for (let seed = 1; seed <= CASES; seed++) {
  const judged = generateCase(seed);
  const answer = playCase(judged);
  const what = differenceOf(await judge.ask(judged), answer, judged.config);
  if (what !== null) throw new Error(`seed ${seed}: ${what}`);
  hashes[seed] = answerHash(answer);
}
await judge.close();
const file = join(import.meta.dirname, '..', 'golden', 'cases.json');
await writeFile(file, `${JSON.stringify(hashes, null, 2)}\n`);
