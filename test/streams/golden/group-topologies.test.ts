import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupTopology } from '#millrace/streams/runtime/group-topology';
import { readStreamsOptions } from '#millrace/streams/runtime/streams-options';
import { answerHash } from '../judge/answer-hash.mjs';
import { buildCase } from '../judge/build-case.mjs';
import { generateCase } from '../judge/generate-case.mjs';
import { inOrder } from '../judge/in-order.mjs';
import { TOPOLOGIES } from './topologies.mjs';

interface Golden {
  readonly named: Readonly<Record<string, unknown>>;
  readonly hashes: Readonly<Record<string, string>>;
}

/** As `GroupTopologies.java` of the judge prints them. */
const GOLDEN = JSON.parse(
  readFileSync(join(import.meta.dirname, 'group-topologies.json'), 'utf8'),
) as Golden;

/** `word-count` is Java's `wordCount`; the smoke tests have their names in both. */
function javaName(name: string): string {
  return name.includes('smoke') ? name : name.replaceAll(/-(.)/g, (_, one) => one.toUpperCase());
}

function settings(applicationId: string) {
  return readStreamsOptions({ applicationId, bootstrapServers: 'nowhere:1' });
}

describe('the topology that a member of a streams group sends', () => {
  it.each(Object.entries(TOPOLOGIES))('is that of Kafka Streams: %s', (name, build) => {
    const sent = groupTopology(build().plan(), settings('golden'));
    expect(inOrder(sent)).toEqual(GOLDEN.named[javaName(name)]);
  });

  it('is that of Kafka Streams for random cases', () => {
    const wrong = Object.entries(GOLDEN.hashes).filter(([seed, hash]) => {
      const plan = buildCase(generateCase(Number(seed))).plan();
      return answerHash(inOrder(groupTopology(plan, settings('judge')))) !== hash;
    });
    expect(wrong).toEqual([]);
  });
});
