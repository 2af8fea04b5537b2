/** The application that Kafka's SmokeTestDriver judges: `BOOTSTRAP GUARANTEE [PROTOCOL]`. It ends with SIGTERM. */

import { Streams } from '../../../../dist/streams/runtime/streams.js';
import { smokeTopology } from '../../../streams/golden/smoke-topology.mjs';
import { runApplication } from '../../../streams/support/run-application.mjs';

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
await runApplication(app);
