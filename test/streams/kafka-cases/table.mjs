/** The table of Kafka's cases and what became of each: `node table.mjs` writes README.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;

/** What can become of a case, and why. */
export const FATES = {
  recorded:
    'Kafka’s own run was recorded; the same topology here makes the same of the same records',
  ported: 'a test in test/streams has its class and name',
  deviates:
    'left out: differs by choice; Java’s record cache still shows rows that have expired (README of src/streams)',
  differential:
    'left out: random topologies of the same operators, with random records, are compared with Kafka’s driver byte for byte (`streams-differential`)',
  byHand:
    'left out: a topology by hand, of processors and stores; here those have tests of their own (test/streams/topology and testing)',
  refused:
    'left out: what a topology is refused for, and what it is not; here the errors have other words, and tests of their own, fewer',
  inside:
    'left out: looks into a builder, node, processor or store of Kafka, often with mocks; here only what they do together can be seen, which the differential compares',
  types: 'left out: what it gives (a null, a wrong type) does not compile here',
  java: 'left out: about what only Java has: builders of options, equals, variance, stores by class or configuration, old APIs',
  metrics: 'left out: log lines and metrics by Kafka’s names',
  absent: 'left out: not built here (wrappers of processors, checks that suppliers make new ones)',
};

export const CASES = JSON.parse(readFileSync(join(HERE, 'cases.json'), 'utf8'));

export function tableText() {
  const names = Object.keys(FATES);
  const rows = Object.entries(CASES).map(([name, cases]) => {
    const fates = Object.values(cases);
    const counts = names.map((fate) => fates.filter((each) => each === fate).length || '');
    return `| ${[name, fates.length, ...counts].join(' | ')} |`;
  });
  const all = Object.values(CASES).flatMap((cases) => Object.values(cases));
  const sums = names.map((fate) => all.filter((each) => each === fate).length);
  return [
    '# Cases of Kafka’s tests',
    '',
    'Each case of the tests of Kafka Streams 4.3.1 that are about the DSL, by class; what became of each',
    'by its name stands in `cases.json`. This file is written by `node table.mjs`; a test checks it.',
    '',
    'Tests check that what is called recorded or ported is here. The reasons of what is left out were given',
    'by rules, on classes and on words in the names of cases, and mended where a sample of the sources said',
    'otherwise. So the reason of a single case may still be another one.',
    '',
    ...names.map((fate) => `- **${fate}**: ${FATES[fate]}`),
    '',
    `| ${['class', 'cases', ...names].join(' | ')} |`,
    `|${'---|'.repeat(names.length + 2)}`,
    ...rows,
    `| ${['all', all.length, ...sums].join(' | ')} |`,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(HERE, 'README.md'), tableText());
