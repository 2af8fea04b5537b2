import { MessageChannel } from 'node:worker_threads';
import { FrontProxy } from '../../src/exchange/front-proxy.ts';
import { Inbox } from '../../src/exchange/inbox.ts';
import { Outbox } from '../../src/exchange/outbox.ts';
import { type CommandHandler, WorkerAdapter } from '../../src/exchange/worker-adapter.ts';
import { WorkerProxy } from '../../src/exchange/worker-proxy.ts';
import { createRingMemory } from '../../src/ring/ring-layout.ts';

/** The four ends of the two rings between a front and a worker, all in one thread. */
export class ThreadLink {
  readonly proxy: WorkerProxy;
  readonly inbox: Inbox;
  readonly front: FrontProxy;
  readonly worker: WorkerAdapter;
  commandWakes = 0;
  replyWakes = 0;
  readonly #close: () => void;

  constructor(handler: CommandHandler, ringBytes = 64 * 1024) {
    const commandRing = createRingMemory(ringBytes);
    const replyRing = createRingMemory(ringBytes);
    const { port1, port2 } = new MessageChannel();
    this.proxy = new WorkerProxy(new Outbox(commandRing, port1), () => {
      this.commandWakes++;
    });
    this.inbox = new Inbox(replyRing, port1);
    this.front = new FrontProxy(new Outbox(replyRing, port2), () => {
      this.replyWakes++;
    });
    this.worker = new WorkerAdapter(new Inbox(commandRing, port2), handler);
    this.#close = () => port1.close();
  }

  close(): void {
    this.#close();
  }
}
