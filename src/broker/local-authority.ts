import { handlers } from '../front/handlers/index.ts';
import type { ServedApi } from '../front/requests/handler.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import type { MetadataImage } from '../metadata/image.ts';
import { LocalMetadata } from '../metadata/local-metadata.ts';
import { unsyncedFiles } from '../metadata/metadata-files.ts';
import { MetadataLog } from '../metadata/metadata-log.ts';
import type { Authority } from './authority.ts';
import type { BrokerOptions } from './broker.ts';
import { nodeSystem } from './broker-system.ts';
import { ExpiredTokens } from './expired-tokens.ts';
import { supportedFeatures } from './features.ts';
import { errorOfBrokerConfig } from './settings-in-force.ts';

/** A broker that decides alone, by the metadata log in its data directory. */
export class LocalAuthority implements Authority {
  readonly handlers = handlers;
  readonly features = supportedFeatures;
  readonly forwarding = null;
  readonly peers = null;
  readonly leaderThrottle = null;
  readonly report = null;
  readonly isElected = false;
  readonly brokerEpoch = -1;
  readonly #metadata: LocalMetadata;
  readonly #expiredTokens: ExpiredTokens;

  private constructor(metadata: LocalMetadata, expiredTokens: ExpiredTokens) {
    this.#metadata = metadata;
    this.#expiredTokens = expiredTokens;
  }

  /** Loads the metadata and carries out the deletions that were decided. */
  static async start(
    { loaded, logger, isTemporary, system = nodeSystem }: BrokerOptions,
    directories: LogDirectories,
  ): Promise<LocalAuthority> {
    const settings: BrokerSettings = loaded.settings;
    const store = new MetadataLog({
      logDir: directories.path,
      logger,
      snapshotBytes: settings.snapshotBytes,
      files: isTemporary === true ? unsyncedFiles : system.metadataFiles,
    });
    const { config } = loaded;
    const { nodeId } = settings;
    const metadata = await LocalMetadata.start({ store, config, nodeId, errorOfBrokerConfig });
    directories.requirePartitions(partitionNames(metadata.image));
    const { deletedTopics, topicsByName } = metadata.image;
    directories.finishDeletions(deletedTopics.values(), (name) => topicsByName.has(name));
    const expiredTokens = new ExpiredTokens(metadata, settings.tokens.expiryCheckMs, logger);
    return new LocalAuthority(metadata, expiredTokens);
  }

  get view(): LocalMetadata {
    return this.#metadata;
  }

  get changes(): LocalMetadata {
    return this.#metadata;
  }

  get reports(): LocalMetadata {
    return this.#metadata;
  }

  narrow(served: readonly ServedApi[]): readonly ServedApi[] {
    return served;
  }

  attach(): void {}

  onElected(): void {}

  onDirectoryLost(): void {}

  async assignDirectory(): Promise<boolean> {
    return true;
  }

  async admit(): Promise<void> {}

  async leave(): Promise<void> {
    this.#expiredTokens.stop();
  }

  close(): Promise<void> {
    return this.#metadata.close();
  }
}

function* partitionNames(image: MetadataImage): IterableIterator<string> {
  for (const { name, partitions } of image.topicsByName.values()) {
    for (const { index } of partitions) yield `${name}-${index}`;
  }
}
