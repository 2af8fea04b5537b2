/**
 * The application that crash rounds kill: `BOOTSTRAP STATE_DIR GUARANTEE PROTOCOL`. It is Kafka's smoke
 * topology, and a table of large values, so that its logs grow to snapshots. It says when it runs,
 * and ends with SIGTERM.
 */
import { armFailPoint } from '#millrace/base/fail-point';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { Streams } from '#millrace/streams/runtime/streams';
import { smokeBuilder } from '../streams/golden/smoke-topology.mjs';

const [bootstrapServers, stateDir, processingGuarantee, groupProtocol] = process.argv.slice(2);
const HEAD_CHARS = 8;
const DAYS_30_MS = 30 * 86_400_000;

armFailPoint(process.env.MILLRACE_FAIL_POINT);
const builder = smokeBuilder();
builder
  .table(topic('ballast', { key: text, value: text }), { as: 'ballast' })
  .toStream()
  .mapValues((value) => value.slice(0, HEAD_CHARS))
  .to(topic('ballast-out', { key: text, value: text }));
const app = new Streams(builder, {
  bootstrapServers,
  stateDir,
  processingGuarantee,
  groupProtocol,
  applicationId: 'smoke',
  commitIntervalMs: 50,
  statestoreCacheMaxBytes: 0,
  windowstoreChangelogAdditionalRetentionMs: DAYS_30_MS,
  producer: { lingerMs: 5 },
  consumer: { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 },
  onError: () => undefined,
});
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.start();
process.stdout.write('RUNNING\n');
await app.ended();
if (app.failure !== null) {
  process.stderr.write(`${app.failure?.stack ?? app.failure}\n`);
  process.exit(1);
}
