/** The application that Kafka's SmokeTestDriver judges: `BOOTSTRAP GUARANTEE [PROTOCOL]`. It ends with SIGTERM. */

import { Streams } from '../../../../dist/streams/runtime/streams.js';
import { smokeTopology } from '../../../streams/golden/smoke-topology.mjs';

const [bootstrapServers, processingGuarantee, groupProtocol = 'auto'] = process.argv.slice(2);
const DAYS_3_MS = 3 * 86_400_000;

const app = new Streams(smokeTopology(), {
  bootstrapServers,
  processingGuarantee,
  groupProtocol,
  applicationId: 'SmokeTest',
  // Others of a group wait for what one leaves open when it is killed.
  ...(groupProtocol === 'streams' ? { producer: { transactionTimeoutMs: 3_000 } } : {}),
  replicationFactor: 1,
  commitIntervalMs: 100,
  windowstoreChangelogAdditionalRetentionMs: DAYS_3_MS,
  consumer: { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 1_000 },
});
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.start();
process.stdout.write('RUNNING\n');
await app.ended();
if (app.failure !== null) {
  process.stderr.write(`${app.failure?.stack ?? app.failure}\n`);
  process.exit(1);
}
