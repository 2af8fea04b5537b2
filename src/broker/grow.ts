import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { bootstrapFile } from '../cluster/grow/bootstrap-file.ts';
import { bootstrapRecords, GROWN_EPOCH } from '../cluster/grow/bootstrap-records.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import { writeMetaProperties } from '../log/meta-properties.ts';
import { replaceFile } from '../log/storage.ts';
import type { ImageDraft } from '../metadata/image-draft.ts';
import { MetadataLog } from '../metadata/metadata-log.ts';
import { METADATA_DIRECTORY } from '../metadata/metadata-paths.ts';
import { randomUuid } from '../metadata/uuid.ts';
import { registrationOf } from './cluster-registration.ts';
import type { LoadedConfig } from './config.ts';
import { supportedFeatures } from './features.ts';
import { openLogDirectories } from './open-log-directories.ts';

export interface GrowOptions {
  /** That of the broker in its cluster. */
  readonly loaded: LoadedConfig;
  /** The id that the controllers are formatted with. */
  readonly clusterId: string;
  /** Where to write `bootstrap.checkpoint` for them. */
  readonly bootstrapPath: string;
  readonly logger: Logger;
}

export interface Grown {
  readonly dataDirectory: string;
  readonly topics: number;
  readonly partitions: number;
  /** The metadata that the broker decided by until now. */
  readonly keptMetadata: string;
}

/**
 * Makes a broker that decided alone the first one of a cluster. Its records stay where they are.
 * Throws, and changes nothing, where the broker runs or was not stopped cleanly.
 */
export async function grow(options: GrowOptions): Promise<Grown> {
  if (options.loaded.settings.cluster?.role !== 'broker') {
    const message = 'process.roles=broker and controller.quorum.bootstrap.servers must be set';
    throw new MillraceError('MILLRACE_BAD_CONFIG', `${message}, as the broker will have them`);
  }
  if (options.loaded.settings.logDirs.length > 1) {
    const message = 'log.dirs names several directories, and a broker that decided alone has one';
    throw new MillraceError('MILLRACE_BAD_CONFIG', message);
  }
  const directories = openLogDirectories(options);
  try {
    return await growIn(directories, options);
  } finally {
    directories.release();
  }
}

async function growIn(directories: LogDirectories, options: GrowOptions): Promise<Grown> {
  const { loaded, clusterId, bootstrapPath, logger } = options;
  const { path, checkpoints } = directories;
  const { settings } = loaded;
  if (!checkpoints.wasClean) {
    const message = `${path} was not left by a clean stop: start its broker alone, and stop it`;
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }
  const image = await imageIn(path, settings.snapshotBytes, logger);
  if (image.nodeId !== settings.nodeId) {
    const message = `${path} belongs to node ${image.nodeId}, but node.id is ${settings.nodeId}`;
    throw new MillraceError('MILLRACE_DATA_DIR', message);
  }
  const directoryId = randomUuid();
  const identity = { clusterId, directoryIds: [directoryId], previousEpoch: GROWN_EPOCH };
  const registration = registrationOf(settings, identity);
  const levels = supportedFeatures.map(({ name, level }) => {
    return [name, image.features.get(name) ?? level] as const;
  });
  const records = bootstrapRecords(image, registration, new Map(levels));
  directories.finishDeletions(image.deletedTopics.values(), (name) => image.topicsByName.has(name));
  replaceFile(bootstrapPath, bootstrapFile(records, Date.now()), true);
  const keptMetadata = join(path, `${METADATA_DIRECTORY}.alone`);
  renameSync(join(path, METADATA_DIRECTORY), keptMetadata);
  writeMetaProperties(path, { clusterId, nodeId: settings.nodeId, directoryId });
  directories.markClean(GROWN_EPOCH);
  const { topicsByName, partitionCount } = image;
  return {
    dataDirectory: path,
    topics: topicsByName.size,
    partitions: partitionCount,
    keptMetadata,
  };
}

async function imageIn(logDir: string, snapshotBytes: number, logger: Logger): Promise<ImageDraft> {
  const store = new MetadataLog({ logDir, logger, snapshotBytes });
  const image = await store.load();
  await store.close();
  if (image.clusterId !== '') return image;
  const message = `${logDir} holds no metadata of a broker that decided alone`;
  throw new MillraceError('MILLRACE_DATA_DIR', message);
}
