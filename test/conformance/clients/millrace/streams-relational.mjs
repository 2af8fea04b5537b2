/**
 * The application that the driver of Kafka's RelationalSmokeTest judges: `BOOTSTRAP GUARANTEE
 * STATE_DIR`. It ends with SIGTERM.
 */

import { Streams } from '../../../../dist/streams/runtime/streams.js';
import { relationalTopology } from '../../../streams/golden/relational-topology.mjs';
import { runApplication } from '../../../streams/support/run-application.mjs';

const [bootstrapServers, processingGuarantee, stateDir] = process.argv.slice(2);

const app = new Streams(relationalTopology(), {
  bootstrapServers,
  processingGuarantee,
  stateDir,
  applicationId: 'relational',
  replicationFactor: 1,
  commitIntervalMs: 200,
  consumer: { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 1_000 },
});
await runApplication(app);
