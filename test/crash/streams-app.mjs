/**
 * The application that crash rounds kill: `BOOTSTRAP STATE_DIR GUARANTEE PROTOCOL SESSION_MS`. It is
 * Kafka's smoke topology, and a table of large values, so that its logs grow to snapshots. It says
 * when it runs, tells of its tasks with SIGUSR2, and ends with SIGTERM.
 */
import { armFailPoint } from '#millrace/base/fail-point';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { Streams } from '#millrace/streams/runtime/streams';
import { smokeBuilder } from '../streams/golden/smoke-topology.mjs';
import { runApplication } from '../streams/support/run-application.mjs';

const [bootstrapServers, stateDir, processingGuarantee, groupProtocol, sessionMs] =
  process.argv.slice(2);
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
  consumer: { sessionTimeoutMs: Number(sessionMs), heartbeatIntervalMs: 200 },
  onError: ({ code, message }) => process.stderr.write(`${code}: ${message}\n`),
});

/** Each answer has a number, so that it can be told from the last one. */
let answers = 0;
function tell() {
  const [thread] = app.metadataForLocalThreads();
  const tasks = (thread?.activeTasks ?? []).map(({ taskId, state, committedOffsets }) => {
    return `${taskId} ${state} ${JSON.stringify(committedOffsets)}`;
  });
  const restored = `${app.restoredRows} rows restored`;
  process.stderr.write(`STANDING ${++answers} ${app.state}, ${restored}: ${tasks.join('; ')}\n`);
}

process.on('SIGUSR2', tell);
await runApplication(app);
