/**
 * The thread that talks to the controllers. It is a thread of its own so that its answers and
 * timers wait neither for the front nor for a partition.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { inBackground } from '../base/in-background.ts';
import type { ChannelCommand, ChannelSetup } from './channel/channel-messages.ts';
import { ControllerLink } from './channel/controller-link.ts';

assert(parentPort !== null, 'the channel runs in a thread');
const port = parentPort;
const link = new ControllerLink({
  setup: workerData as ChannelSetup,
  openPeer: null,
  post: (message) => port.postMessage(message),
  onFailure: endThread,
});
port.on('message', (command: ChannelCommand) => link.take(command));
inBackground(
  link.run().then(() => port.close()),
  endThread,
);

/** What cannot be followed ends the thread, and the front hears of it as of any dead thread. */
function endThread(thrown: unknown): void {
  setImmediate(() => {
    throw thrown;
  });
}
