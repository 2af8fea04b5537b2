import type { Logger } from '../base/logger.ts';
import type { PartitionCheckpoint } from '../exchange/control.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { DataDirectory } from '../log/data-directory.ts';
import type { LogTaskSettings } from '../metadata/config/broker-settings.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import type { MetadataRecord } from '../metadata/records.ts';

/**
 * Keeps the checkpoint files: asks the workers how far their logs are, now and then and at the
 * stop. Logs that were not opened are where the last run left them.
 */
export class CheckpointKeeper {
  readonly #dataDirectory: DataDirectory;
  readonly #workers: Workers;
  readonly #partitions: Partitions;
  readonly #metadata: MetadataView;
  readonly #logger: Logger;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<boolean> = Promise.resolve(true);

  constructor(
    dataDirectory: DataDirectory,
    workers: Workers,
    partitions: Partitions,
    metadata: MetadataView,
    settings: LogTaskSettings,
    logger: Logger,
  ) {
    this.#dataDirectory = dataDirectory;
    this.#workers = workers;
    this.#partitions = partitions;
    this.#metadata = metadata;
    this.#logger = logger;
    this.#intervalMs = Math.min(settings.recoveryCheckpointMs, settings.startOffsetCheckpointMs);
  }

  start(): void {
    this.#timer = setInterval(() => this.save(), this.#intervalMs);
    this.#timer.unref();
  }

  save(): Promise<boolean> {
    this.#saving = this.#saving.then(() => this.#collect('checkpoint'));
    return this.#saving;
  }

  /** A topic that is made again under the name starts anew at 0. */
  forgetDeleted(records: readonly MetadataRecord[]): void {
    for (const record of records) {
      if (record.type !== 'topic-deleted') continue;
      for (let index = 0; index < record.partitions; index++) {
        this.#dataDirectory.forgetCheckpoint(`${record.name}-${index}`);
      }
    }
  }

  /** Stops the workers; only if every log was closed well is the stop a clean one. */
  async stop(beforeExit: () => void): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#saving;
    beforeExit();
    const isWhole = await this.#collect('stop');
    if (isWhole) this.#dataDirectory.markClean();
  }

  async #collect(kind: 'checkpoint' | 'stop'): Promise<boolean> {
    const asked = Array.from({ length: this.#workers.workerCount }, (_, worker) =>
      this.#workers.control(worker, { kind }),
    );
    const answers = await Promise.all(asked);
    const checkpoints = answers.flatMap((answer) => answer.checkpoints ?? []);
    this.#dataDirectory.saveCheckpoints(checkpoints.flatMap((each) => this.#named(each)));
    const failed = answers.filter((answer) => answer.error !== 0);
    for (const { reason } of failed)
      this.#logger.error(`logs are not as they should be: ${reason}`);
    return failed.length === 0;
  }

  /**
   * Empty when the topic was deleted while the workers were asked. The files name topics, so a
   * deleted topic's entry would be read as that of a new topic of the same name.
   */
  #named(checkpoint: PartitionCheckpoint) {
    const mirror = this.#partitions.bySlot(checkpoint.slot);
    if (mirror === undefined || !this.#metadata.image.topicsById.has(mirror.topicId)) return [];
    const { logStartOffset, recoveryPoint, highWatermark } = checkpoint;
    const name = `${mirror.topic}-${mirror.index}`;
    return [{ name, logStartOffset, recoveryPoint, highWatermark }];
  }
}
