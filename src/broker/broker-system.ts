import type { Logger } from '../base/logger.ts';
import type { SocketCalls } from '../base/socket-calls.ts';
import type { StartChannelThread } from '../cluster/channel/channel-thread.ts';
import type { OpenPeer } from '../cluster/quorum/controller-settings.ts';
import type { HelperPool } from '../front/partitions/helper-pool.ts';
import { nativeSockets } from '../log/native.ts';
import { type MetadataFiles, systemFiles } from '../metadata/metadata-files.ts';
import { LazyHelperPool } from './lazy-helper-pool.ts';

/** The helper pool as the broker sees it: it also compacts, and ends. */
export interface BrokerPool extends HelperPool {
  /** Calls one of the functions that helper-task.ts exports. */
  run(name: string, task: object): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * What a broker takes from the machine, beside the installed Storage and BackgroundDisk. A
 * simulation puts its own in the place.
 */
export interface BrokerSystem {
  /** Null where node:net takes the place of the addon's. */
  readonly sockets: SocketCalls | null;
  readonly metadataFiles: MetadataFiles;
  /** False: no port is opened, connections come by `KafkaFront.adopt` alone. */
  readonly listens: boolean;
  openPool(openedBytesMax: number, logger: Logger): BrokerPool;
  /** Connects to the other nodes of a cluster. Without it they are reached by TCP. */
  readonly openPeer?: OpenPeer;
  /** Without it a thread of its own talks to the controllers. */
  readonly startChannelThread?: StartChannelThread;
}

export const nodeSystem: BrokerSystem = {
  sockets: nativeSockets,
  metadataFiles: systemFiles,
  listens: true,
  openPool: (openedBytesMax, logger) => new LazyHelperPool(openedBytesMax, logger),
};
