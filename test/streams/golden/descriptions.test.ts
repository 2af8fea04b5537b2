import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from './topologies.mjs';

/** As `Descriptions.java` of the judge prints them, by name. */
const GOLDEN = new Map(
  readFileSync(join(import.meta.dirname, 'descriptions.txt'), 'utf8')
    .split('=== ')
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    }),
);

describe('descriptions are those of Kafka Streams', () => {
  it.each(Object.entries(TOPOLOGIES))('%s', (name, build) => {
    expect(build().toString().trimEnd()).toBe(GOLDEN.get(name)?.trimEnd());
  });

  it('of all topologies that Java printed', () => {
    expect(Object.keys(TOPOLOGIES)).toEqual([...GOLDEN.keys()]);
  });
});
