import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { ClusterImage } from '../cluster/image/cluster-image.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import {
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from '../log/meta-properties.ts';
import { setStraysAside } from '../log/stray-partitions.ts';
import { METADATA_DIRECTORY } from '../metadata/metadata-paths.ts';
import { randomUuid } from '../metadata/uuid.ts';

interface HeldReplica {
  readonly topicId: string;
  /** Of its log directory, as the controllers know it. */
  readonly directoryId: string | undefined;
}

/** What makes a broker's log directories those of one node of one cluster. */
export class ClusterDirectories {
  readonly #directories: LogDirectories;
  readonly #nodeId: number;
  /** The clusters that directories belong to, by path. */
  readonly #clusters = new Map<string, string>();

  /** Gives an id to each directory that has none. Throws where one is another node's. */
  constructor(directories: LogDirectories, nodeId: number) {
    this.#directories = directories;
    this.#nodeId = nodeId;
    const ids = new Map<string, string>();
    directories.forEachLive((directory) => {
      const { path } = directory;
      const known = knownIdentity(path, nodeId);
      if (known !== null) this.#clusters.set(path, known.clusterId);
      directory.id = known?.directoryId ?? randomUuid();
      const other = ids.get(directory.id);
      if (other !== undefined) {
        const both = `${path} and ${other} have the same directory.id`;
        const message = `${both}: one is a copy of the other`;
        throw new MillraceError('MILLRACE_DATA_DIR', message);
      }
      ids.set(directory.id, path);
    });
  }

  /** Those of the directories that are not lost, in the order that Kafka's brokers tell them in. */
  get ids(): readonly string[] {
    return this.#directories.live.map(({ id }) => id).sort(compareUuids);
  }

  /** The directories belong to the cluster from now on. */
  settle(clusterId: string): void {
    this.#directories.forEachLive(({ path, id: directoryId }) => {
      const known = this.#clusters.get(path);
      if (known === undefined) {
        writeMetaProperties(path, { clusterId, nodeId: this.#nodeId, directoryId });
      } else if (known !== clusterId) {
        const whose = `cluster ${known}, and the controllers are of ${clusterId}`;
        throw new MillraceError('MILLRACE_DATA_DIR', `${path} belongs to ${whose}`);
      }
    });
  }

  /** What was deleted or given to others while this broker was down is neither read nor lost. */
  prepare(image: ClusterImage, logger: Logger): void {
    const directories = this.#directories;
    const held = new Map<string, HeldReplica>();
    for (const { name, id: topicId, partitions } of image.topicsByName.values()) {
      for (const { index, replicas, details } of partitions) {
        const replica = replicas.indexOf(image.nodeId);
        if (replica < 0) continue;
        held.set(`${name}-${index}`, { topicId, directoryId: details?.directories[replica] });
      }
    }
    directories.forEachLive(({ path, data }) => {
      const strays = setStraysAside(path, (name) => held.get(name)?.topicId ?? null);
      for (const name of strays) {
        logger.warn(`${name} is not of a partition that this broker holds: it is set aside`);
        data!.forgetCheckpoint(name);
      }
    });
    directories.findPartitions((name) => held.get(name)?.directoryId);
    directories.requirePartitions(held.keys());
  }
}

function knownIdentity(path: string, nodeId: number): MetaProperties | null {
  const known = readMetaProperties(path);
  if (known !== null && known.nodeId !== nodeId) {
    const message = `${path} belongs to node ${known.nodeId}, but node.id is ${nodeId}`;
    throw new MillraceError(
      'MILLRACE_DATA_DIR',
      `${message}: set it back or use another directory`,
    );
  }
  if (known === null && existsSync(join(path, METADATA_DIRECTORY))) {
    const message = `${path} belongs to a broker that decides alone`;
    throw new MillraceError('MILLRACE_DATA_DIR', `${message}: use another directory`);
  }
  return known;
}

/** Kafka orders ids as two signed words. */
function compareUuids(one: string, other: string): number {
  const [a, b] = [Buffer.from(one, 'base64url'), Buffer.from(other, 'base64url')];
  for (const at of [0, 8]) {
    const [left, right] = [a.readBigInt64BE(at), b.readBigInt64BE(at)];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
