// The round trip in worker threads, several at once.
import { Worker } from 'node:worker_threads';

const THREADS = 3;
const module = JSON.stringify(new URL('./round-trip.mjs', import.meta.url).href);
const source = `import(${module}).then(({ roundTrip }) => roundTrip())`;
await Promise.all(
  Array.from({ length: THREADS }, () => {
    return new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true });
      worker.once('error', reject);
      worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    });
  }),
);
console.log('round trip done');
