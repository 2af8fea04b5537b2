/** What Kafka Streams said of the judge's cases, with stores in lmdb. */
import { describe, expect, it } from 'vitest';
import { lmdbStores } from '#millrace/streams/lmdb-stores';
import hashes from '../golden/cases.json' with { type: 'json' };
import { answerHash } from '../judge/answer-hash.mjs';
import { generateCase } from '../judge/generate-case.mjs';
import { playCase } from '../judge/play-case.mjs';

const CASES = 60;

describe('stores in lmdb', () => {
  it.each([0, 1_000_000])('give what Kafka gave, with %i bytes in memory', (cacheBytes) => {
    const options = { dslStoreSuppliersClass: lmdbStores({ cacheBytes }) };
    const differing = Object.entries(hashes)
      .slice(0, CASES)
      .filter(([seed, hash]) => {
        return answerHash(playCase(generateCase(Number(seed)), options)) !== hash;
      });
    expect(differing.map(([seed]) => seed)).toEqual([]);
  });
});
