/** The topology of the tests of threads: counts the records of each key. `poison` fails, `block` blocks. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { int64 } from '#millrace/streams/serde/numbers';

const BLOCK_MS = 3_000;

export default function counting() {
  const builder = new StreamsBuilder();
  builder
    .stream(topic('input', { key: text, value: text }))
    .peek((value) => {
      if (value === 'poison') throw new Error('poison came');
      if (value === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
    })
    .groupByKey()
    .count({ as: 'counts' })
    .toStream()
    .to(topic('output', { key: text, value: int64 }));
  return builder;
}

/** Poison ends the thread. */
export const options = {
  errorHandlers: {
    deserialization: () => ({ result: 'fail' }),
    processing: () => ({ result: 'fail' }),
    production: () => ({ result: 'fail' }),
  },
};
