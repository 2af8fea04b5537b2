/**
 * The application that the driver of Kafka's RelationalSmokeTest judges: `BOOTSTRAP GUARANTEE
 * STATE_DIR`. It ends with SIGTERM.
 */

import { Streams } from '../../../../dist/streams/runtime/streams.js';
import { relationalTopology } from '../../../streams/golden/relational-topology.mjs';

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
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
await app.start();
process.stdout.write('RUNNING\n');
await app.ended();
if (app.failure !== null) {
  process.stderr.write(`${app.failure?.stack ?? app.failure}\n`);
  process.exit(1);
}
