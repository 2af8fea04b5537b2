import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import { FreeSpaces } from './free-spaces.ts';
import { PartitionHost } from './partition-host.ts';
import { PartitionWorker } from './partition-worker.ts';
import type { WorkerSettings } from './worker-setup.ts';

/** A worker with its partitions, not yet recovered, for a thread of its own or the front's. */
export function assembleWorker(
  settings: WorkerSettings,
  front: FrontProxy,
  logger: Logger,
): PartitionWorker {
  const host = new PartitionHost({
    clock: systemClock,
    logger,
    spaces: new FreeSpaces(settings.freeBytesMin, logger),
    producerExpiryMs: settings.producerExpiryMs,
    producerIdsMax: settings.producerIdsMax,
    event: (event) => front.event(event),
    requestSync: (slot, descriptors, directories) => front.sync(slot, descriptors, directories),
  });
  Object.assign(host.replication, settings.replication);
  for (const topic of settings.topics) host.register(topic);
  return new PartitionWorker(host, front, systemClock, logger, settings.retentionCheckMs);
}
