import { Worker } from 'node:worker_threads';
import type { ThreadSetup } from './runtime/threads/thread-messages.ts';

/** Starts a thread of an application. It is found by its place, in the sources as in the build. */
export function startThread(setup: ThreadSetup): Worker {
  // The ending is that of this file: .ts before the build, .js after it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`../streams/thread-main.${ending}`, import.meta.url);
  return new Worker(entry, { workerData: setup, name: `StreamThread-${setup.thread}` });
}
