/** Entry of the process behind `startEmbedded`. */
import { startBroker } from 'millrace';

const broker = await startBroker({ port: Number(process.argv[2]) });
process.once('SIGTERM', () => {
  broker.close().then(() => process.exit(0));
});
