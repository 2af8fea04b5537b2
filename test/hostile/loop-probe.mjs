/**
 * Goes into the broker with `--import`, and tells its parent over the channel between them how long
 * the event loop was held up since it was last asked, by the collector too, and where the time went.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 1;
const SAMPLING_US = 500;

if (isMainThread && process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let session = null;
  let collections = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collections.push(duration);
  }).observe({ entryTypes: ['gc'] });
  process.on('message', ({ kind, file }) => {
    if (kind === 'take') {
      const inMs = (ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
      const collectorMs = { all: 0, worst: 0, count: collections.length };
      for (const ms of collections) {
        collectorMs.all += ms;
        collectorMs.worst = Math.max(collectorMs.worst, ms);
      }
      const worstMs = inMs(delays.max);
      process.send({ worstMs, p99Ms: inMs(delays.percentile(99)), collectorMs });
      collections = [];
      delays.reset();
    } else if (kind === 'profile') {
      session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
      session.post('Profiler.start', () => process.send({ started: true }));
    } else if (kind === 'profiled') {
      session.post('Profiler.stop', (_, { profile }) => {
        writeFileSync(file, JSON.stringify(profile));
        session.disconnect();
        process.send({ file });
      });
    }
  });
  process.channel.unref();
}
