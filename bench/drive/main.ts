/** Entry of a client's process of a turn: it is told what to do over its channel to the suite. */
import { ConsumerClient } from './consumer-client.ts';
import type { ClientSetup, FromClient, ToClient } from './drive-messages.ts';
import { ProducerClient } from './producer-client.ts';

const TELL_EVERY_MS = 50;

const setup = JSON.parse(process.argv[2]!) as ClientSetup;

function tell(message: FromClient): void {
  process.send!(message);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

function produce(): void {
  const client = new ProducerClient(setup, fail);
  process.on('message', (message: ToClient) => {
    if (message.kind === 'run') client.run(message.openMs, message.closeMs).then(tell, fail);
    else tell(client.result());
  });
  client.begin().then(tell, fail);
}

function consume(): void {
  const client = new ConsumerClient(setup, tell, fail);
  process.on('message', (message: ToClient) => {
    if (message.kind === 'stop') {
      tell(client.result());
      return;
    }
    client.run(message.openMs, message.closeMs).catch(fail);
    setInterval(() => tell({ kind: 'received', records: client.records }), TELL_EVERY_MS);
  });
  client.begin();
}

// The suite has ended, or has had enough.
process.once('disconnect', () => process.exit(0));
if (setup.role === 'producer') produce();
else consume();
