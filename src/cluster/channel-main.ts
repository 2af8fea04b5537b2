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
import { RecordsWindow } from './channel/records-window.ts';
import { BrokerLifecycle } from './membership/broker-lifecycle.ts';
import type { MembershipSink } from './membership/member-state.ts';
import type { Registration } from './membership/registration.ts';
import { ActiveController } from './quorum/active-controller.ts';
import { controllerSettings } from './quorum/controller-settings.ts';
import { QuorumObserver } from './quorum/quorum-observer.ts';

const RETRY_MAX_MS = 1000;

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
const onError = ({ message }: Error) => logger.warn(message);
const connections = controllerSettings(setup.nodeId, times, onError, setup.security);
const window = new RecordsWindow();
const observer = new QuorumObserver({
  ...setup,
  retryMaxMs: RETRY_MAX_MS,
  connections,
  sink: new PostingSink(post, window),
  logger,
});
/** Heartbeats have a connection of their own, and wait for no fetch. */
const controller = new ActiveController({
  leader: () => observer.leaderAddress,
  connections,
  retryMs: setup.retryMs,
  attemptMs: setup.requestTimeoutMs,
});
let lifecycle: BrokerLifecycle | null = null;

port.on('message', (command: ChannelCommand) => {
  switch (command.kind) {
    case 'register':
      register(command.registration);
      break;
    case 'published':
      lifecycle?.published(command.offset, command.metadataVersion);
      break;
    case 'records-taken':
      window.taken();
      break;
    case 'unfence':
      lifecycle?.unfence();
      break;
    case 'leave':
      lifecycle?.leave();
      break;
    case 'stop':
      stop.abort();
      window.open();
      break;
  }
});

function register(registration: Registration): void {
  const { heartbeatMs, sessionMs } = setup;
  const sink: MembershipSink = {
    onMember: (state, epoch) => post({ kind: 'member', state, epoch }),
    onHeartbeat: (lateMs, answerMs) => post({ kind: 'heartbeat', lateMs, answerMs }),
  };
  const options = { registration, controller, heartbeatMs, sessionMs, sink, logger };
  lifecycle = new BrokerLifecycle(options);
  inBackground(lifecycle.run(stop.signal), endThread);
}

const running = observer.run(stop.signal).then(() => {
  controller.close();
  port.close();
});
inBackground(running, endThread);

/** What cannot be followed ends the thread, and the front hears of it as of any dead thread. */
function endThread(thrown: unknown): void {
  setImmediate(() => {
    throw thrown;
  });
}
