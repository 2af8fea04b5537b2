import { Worker } from 'node:worker_threads';
import type { ChannelCommand, ChannelMessage, ChannelSetup } from './channel-messages.ts';

/** What the front hears of the channel's thread. */
export interface ChannelThreadEvents {
  onMessage(message: ChannelMessage): void;
  onError(thrown: unknown): void;
  /** The last call. */
  onExit(code: number): void;
}

export interface ChannelThread {
  postMessage(command: ChannelCommand): void;
}

/** A simulation runs the work of the thread in the thread that it has. */
export type StartChannelThread = (
  setup: ChannelSetup,
  events: ChannelThreadEvents,
) => ChannelThread;

export const startChannelThread: StartChannelThread = (setup, events) => {
  // The ending is that of this file: .ts before the build, .js after it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`../channel-main.${ending}`, import.meta.url);
  const thread = new Worker(entry, { workerData: setup });
  thread.on('message', (message: ChannelMessage) => events.onMessage(message));
  thread.on('error', (error) => events.onError(error));
  thread.on('exit', (code) => events.onExit(code));
  return thread;
};
