import { inBackground } from '../../base/in-background.ts';
import type { Logger } from '../../base/logger.ts';
import { BrokerLifecycle } from '../membership/broker-lifecycle.ts';
import type { MembershipSink } from '../membership/member-state.ts';
import type { Registration } from '../membership/registration.ts';
import { ActiveController } from '../quorum/active-controller.ts';
import { controllerSettings, type OpenPeer } from '../quorum/controller-settings.ts';
import { QuorumObserver } from '../quorum/quorum-observer.ts';
import type { ChannelCommand, ChannelMessage, ChannelSetup } from './channel-messages.ts';
import { PostingSink } from './posting-sink.ts';
import { RecordsWindow } from './records-window.ts';

const RETRY_MAX_MS = 1000;

export interface ControllerLinkOptions {
  readonly setup: ChannelSetup;
  /** Null where the system's sockets lead to the controllers. */
  readonly openPeer: OpenPeer | null;
  readonly post: (message: ChannelMessage) => void;
  /** The metadata cannot be followed any more, or the controllers do not take this broker. */
  readonly onFailure: (thrown: unknown) => void;
}

/**
 * What the thread of the channel does: it follows the metadata log, and keeps the broker registered
 * once it is told to.
 */
export class ControllerLink {
  readonly #options: ControllerLinkOptions;
  readonly #logger: Logger;
  readonly #observer: QuorumObserver;
  /** Heartbeats have a connection of their own, and wait for no fetch. */
  readonly #controller: ActiveController;
  readonly #window = new RecordsWindow();
  readonly #stop = new AbortController();
  #lifecycle: BrokerLifecycle | null = null;

  constructor(options: ControllerLinkOptions) {
    const { setup, openPeer, post } = options;
    const { nodeId, security, requestTimeoutMs, retryMs } = setup;
    const logger: Logger = {
      info: (message) => post({ kind: 'log', level: 'info', message }),
      warn: (message) => post({ kind: 'log', level: 'warn', message }),
      error: (message) => post({ kind: 'log', level: 'error', message }),
    };
    const times = { requestTimeoutMs, connectTimeoutMs: requestTimeoutMs };
    const onError = ({ message }: Error) => logger.warn(message);
    const connections = controllerSettings(nodeId, times, onError, security, openPeer);
    const sink = new PostingSink(post, this.#window);
    const observed = { retryMaxMs: RETRY_MAX_MS, connections, sink, logger };
    const observer = new QuorumObserver({ ...setup, ...observed });
    this.#options = options;
    this.#logger = logger;
    this.#observer = observer;
    this.#controller = new ActiveController({
      leader: () => observer.leaderAddress,
      connections,
      retryMs,
      attemptMs: requestTimeoutMs,
    });
  }

  /** Resolves once it was told to stop. Rejects where the log cannot be followed any more. */
  async run(): Promise<void> {
    await this.#observer.run(this.#stop.signal);
    this.#controller.close();
  }

  take(command: ChannelCommand): void {
    switch (command.kind) {
      case 'register':
        this.#register(command.registration);
        break;
      case 'published':
        this.#lifecycle?.published(command.offset, command.metadataVersion);
        break;
      case 'records-taken':
        this.#window.taken();
        break;
      case 'directory-lost':
        this.#lifecycle?.loseDirectory(command.directoryId);
        break;
      case 'unfence':
        this.#lifecycle?.unfence();
        break;
      case 'leave':
        this.#lifecycle?.leave();
        break;
      case 'stop':
        this.#stop.abort();
        this.#window.open();
        break;
    }
  }

  #register(registration: Registration): void {
    const { setup, post, onFailure } = this.#options;
    const { heartbeatMs, sessionMs, dirFailureMs } = setup;
    const sink: MembershipSink = {
      onMember: (state, epoch) => post({ kind: 'member', state, epoch }),
      onHeartbeat: (lateMs, answerMs) => post({ kind: 'heartbeat', lateMs, answerMs }),
    };
    this.#lifecycle = new BrokerLifecycle({
      registration,
      controller: this.#controller,
      heartbeatMs,
      sessionMs,
      dirFailureMs,
      sink,
      logger: this.#logger,
    });
    inBackground(this.#lifecycle.run(this.#stop.signal), onFailure);
  }
}
