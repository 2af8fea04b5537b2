import { MillraceError, reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { ChannelCommand, ChannelMessage, ChannelSetup } from './channel/channel-messages.ts';
import {
  type ChannelThread,
  type StartChannelThread,
  startChannelThread,
} from './channel/channel-thread.ts';
import { takeMessage } from './channel/take-message.ts';
import type { MembershipSink } from './membership/member-state.ts';
import type { MetadataSink } from './quorum/metadata-sink.ts';

export interface ChannelOptions {
  readonly setup: ChannelSetup;
  readonly sink: MetadataSink;
  /** Null for a node that registers nowhere. */
  readonly member: MembershipSink | null;
  readonly logger: Logger;
  /** The metadata cannot be followed any more: what this node shows would be a lie. */
  readonly onFatal: (error: Error) => void;
  readonly startThread?: StartChannelThread | undefined;
}

/** The front's end of the thread that talks to the controllers. */
export class ControllerChannel {
  readonly #options: ChannelOptions;
  readonly #thread: ChannelThread;
  readonly #ended: Promise<void>;
  #isStopping = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const { setup, startThread = startChannelThread } = options;
    let end = (): void => {};
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#thread = startThread(setup, {
      onMessage: (message) => this.#take(message),
      onError: (thrown) => this.#fail(thrown),
      onExit: (code) => {
        if (!this.#isStopping) this.#fail(new Error(`the thread ended with ${code}`));
        end();
      },
    });
  }

  tell(command: ChannelCommand): void {
    this.#thread.postMessage(command);
  }

  /** Resolves once the thread has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.tell({ kind: 'stop' });
    await this.#ended;
  }

  #take(message: ChannelMessage): void {
    if (this.#isStopping) return;
    const { sink, member, logger } = this.#options;
    try {
      takeMessage(message, sink, member, logger);
      if (message.kind === 'records') this.tell({ kind: 'records-taken' });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(cause: unknown): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const message = `the controllers' metadata cannot be followed: ${reasonOf(cause)}`;
    this.#options.onFatal(new MillraceError('MILLRACE_WORKER_DIED', message, cause));
  }
}
