/**
 * A thread of `ThreadedStreams`: it reads the topology from its module and runs an instance of its
 * own, which it tells of through `parentPort`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import './index.ts';
import type { ThreadCommand, ThreadSetup } from './runtime/threads/thread-messages.ts';
import { ThreadSide } from './runtime/threads/thread-side.ts';

const port = parentPort!;
const side = new ThreadSide((report) => port.postMessage(report));
port.on('message', (command: ThreadCommand) => side.take(command));
await side.run(workerData as ThreadSetup);
port.close();
