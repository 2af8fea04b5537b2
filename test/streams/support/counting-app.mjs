/** Counts the records of each key: `BOOTSTRAP STATE_DIR GUARANTEE [OPTIONS]`. It says when it runs. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { int64 } from '#millrace/streams/serde/numbers';

const [bootstrapServers, stateDir, processingGuarantee, more = '{}'] = process.argv.slice(2);
const builder = new StreamsBuilder();
builder
  .stream(topic('input', { key: text, value: text }))
  .groupByKey()
  .count({ as: 'counts' })
  .toStream()
  .to(topic('output', { key: text, value: int64 }));
const app = new Streams(builder, {
  bootstrapServers,
  stateDir,
  processingGuarantee,
  applicationId: 'counting',
  commitIntervalMs: 50,
  statestoreCacheMaxBytes: 0,
  ...JSON.parse(more),
});
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
const sinceMs = performance.now();
await app.start();
const tookMs = Math.round(performance.now() - sinceMs);
process.stdout.write(`${JSON.stringify({ tookMs, restored: app.restoredRows })}\n`);
await app.ended();
if (app.failure !== null) throw app.failure;
