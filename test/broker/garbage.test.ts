import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const THREADS = 4;
const TIMES = 60;
/** From dist, where threads can load it: each time as if it had never been asked. */
const MODULE = new URL('../../dist/broker/garbage.js', import.meta.url).href;
const PROGRAM = `
  const { parentPort } = require('node:worker_threads');
  (async () => {
    for (let i = 0; i < ${TIMES}; i++) {
      const { collectGarbage } = await import('${MODULE}?' + i);
      collectGarbage();
    }
    parentPort.postMessage('collected');
  })();
`;

test('threads that ask for the collector at the same moment all get it', async () => {
  const answers = Array.from({ length: THREADS }, () => {
    return new Promise((resolve, reject) => {
      const worker = new Worker(PROGRAM, { eval: true });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  });
  expect(await Promise.all(answers)).toEqual(Array(THREADS).fill('collected'));
});
