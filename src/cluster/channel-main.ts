/**
 * The thread that talks to the controllers. It is a thread of its own so that its answers and
 * timers wait neither for the front nor for a partition.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { inBackground } from '../base/in-background.ts';
import type { Logger } from '../base/logger.ts';
import type { ChannelCommand, ChannelMessage, ChannelSetup } from './channel/channel-messages.ts';
import { PostingSink } from './channel/posting-sink.ts';
import { controllerSettings } from './quorum/controller-settings.ts';
import { QuorumObserver } from './quorum/quorum-observer.ts';

assert(parentPort !== null, 'the channel runs in a thread');
const port = parentPort;
const setup = workerData as ChannelSetup;
const post = (message: ChannelMessage) => port.postMessage(message);
const logger: Logger = {
  info: (message) => post({ kind: 'log', level: 'info', message }),
  warn: (message) => post({ kind: 'log', level: 'warn', message }),
  error: (message) => post({ kind: 'log', level: 'error', message }),
};
const times = {
  requestTimeoutMs: setup.requestTimeoutMs,
  connectTimeoutMs: setup.requestTimeoutMs,
};
const stop = new AbortController();
port.on('message', ({ kind }: ChannelCommand) => {
  if (kind === 'stop') stop.abort();
});
const observer = new QuorumObserver({
  ...setup,
  connections: controllerSettings(setup.nodeId, times, ({ message }) => logger.warn(message)),
  sink: new PostingSink(post),
  logger,
});
const running = observer.run(stop.signal).then(() => port.close());
// What cannot be followed ends the thread, and the front hears of it as of any dead thread.
inBackground(running, (thrown) => {
  setImmediate(() => {
    throw thrown;
  });
});
