import type { PartitionQueue } from './partition-queue.ts';

/** What goes to one broker: the partitions that it leads and that have something to send. */
export class BrokerSink {
  readonly nodeId: number;
  queues: PartitionQueue[] = [];
  requestsInFlight = 0;
  isConnecting = false;
  isScheduled = false;

  constructor(nodeId: number) {
    this.nodeId = nodeId;
  }

  list(queue: PartitionQueue): void {
    if (queue.isListed) return;
    queue.isListed = true;
    if (this.queues.length === 0) this.queues = [queue];
    else this.queues.push(queue);
  }
}
