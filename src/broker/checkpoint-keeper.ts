import { reasonOf } from '../base/errors.ts';
import { every } from '../base/every.ts';
import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';
import type { PartitionCheckpoint } from '../exchange/control.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { LogTaskSettings } from '../metadata/config/broker-settings.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import type { MetadataRecord } from '../metadata/records.ts';

/**
 * Writes the checkpoint files: asks the workers how far their logs are, at an interval and at the
 * stop. A log that was not opened keeps the checkpoint of the last run.
 *
 * A checkpoint only shortens the scan of the next start. So a failed save, on a full disk say,
 * stops nothing: `failure` names its reason, and the next save is tried at the usual time.
 */
export class CheckpointKeeper {
  readonly #directories: LogDirectories;
  readonly #workers: Workers;
  readonly #partitions: Partitions;
  readonly #metadata: MetadataView;
  readonly #logger: Logger;
  readonly #intervalMs: number;
  readonly #onDefect: (thrown: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> = Promise.resolve();
  /** A save that has not begun. */
  #waiting: Promise<boolean> | null = null;
  #failure = '';
  /** Ids of topics whose directories are gone and whose deletion the metadata still knows. */
  #removed: string[] = [];
  readonly #forget: (topicId: string) => Promise<void>;

  constructor(
    directories: LogDirectories,
    workers: Workers,
    partitions: Partitions,
    metadata: MetadataView,
    forget: (topicId: string) => Promise<void>,
    settings: LogTaskSettings,
    logger: Logger,
  ) {
    this.#forget = forget;
    this.#directories = directories;
    this.#workers = workers;
    this.#partitions = partitions;
    this.#metadata = metadata;
    this.#logger = logger;
    this.#onDefect = logFailure(logger, 'the checkpoint');
    this.#intervalMs = Math.min(settings.recoveryCheckpointMs, settings.startOffsetCheckpointMs);
  }

  start(): void {
    this.#timer = every(this.#intervalMs, () => this.save(), this.#onDefect);
    this.#timer.unref();
  }

  /** Why the last checkpoint could not be written; '' when it was. */
  get failure(): string {
    return this.#failure;
  }

  /**
   * Whether all logs are well and the files are written. Saves follow one after the other; all who
   * ask before one has begun share it.
   */
  save(): Promise<boolean> {
    this.#waiting ??= this.#saveNext();
    return this.#waiting;
  }

  #saveNext(): Promise<boolean> {
    const saved = this.#saving.then(() => {
      this.#waiting = null;
      return this.#trySave('checkpoint');
    });
    this.#saving = inBackground(saved, this.#onDefect);
    return saved;
  }

  /** A new topic under the name of a deleted one starts at offset 0. */
  forgetDeleted(records: readonly MetadataRecord[]): void {
    for (const record of records) {
      if (record.type !== 'topic-deleted') continue;
      for (let index = 0; index < record.partitions; index++) {
        this.#directories.forgetCheckpoint(`${record.name}-${index}`);
      }
    }
  }

  /**
   * Has the metadata forget a deleted topic once no checkpoint file tells of it. Until then a start
   * takes no checkpoint for partitions of its name: what a new topic of that name has written would
   * be cut, or taken for lost, by the offsets of the old one.
   */
  forgetOnceSaved(topicId: string): void {
    this.#removed.push(topicId);
  }

  /**
   * Stops the workers. The stop is a clean one only if `mayBeClean`, every log was closed well and
   * the checkpoints are written; otherwise the next start scans the logs. The mark names the epoch
   * that the broker was registered with at a cluster.
   */
  async stop(beforeExit: () => void, mayBeClean: boolean, brokerEpoch = -1): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#saving;
    beforeExit();
    const isWhole = await this.#trySave('stop');
    if (!isWhole || !mayBeClean) return;
    try {
      this.#directories.markClean(brokerEpoch);
    } catch (thrown) {
      this.#logger.error(`the clean stop cannot be marked: ${reasonOf(thrown)}`);
    }
  }

  /** Logs when saving begins to fail, when the reason changes, and when it works again. */
  async #trySave(kind: 'checkpoint' | 'stop'): Promise<boolean> {
    try {
      const isWhole = await this.#collect(kind);
      if (this.#failure !== '') this.#logger.info('checkpoints are saved again');
      this.#failure = '';
      return isWhole;
    } catch (thrown) {
      const failure = reasonOf(thrown);
      if (failure !== this.#failure || kind === 'stop') {
        this.#logger.error(`checkpoints cannot be saved, the next start scans more: ${failure}`);
      }
      this.#failure = failure;
      return false;
    }
  }

  async #collect(kind: 'checkpoint' | 'stop'): Promise<boolean> {
    const asked = Array.from({ length: this.#workers.workerCount }, (_, worker) =>
      this.#workers.control(worker, { kind }),
    );
    const answers = await Promise.all(asked);
    let count = this.#removed.length;
    const checkpoints = answers.flatMap((answer) => (answer.error === 0 ? answer.checkpoints : []));
    await this.#directories.saveCheckpoints(checkpoints.flatMap((each) => this.#named(each)));
    for (; count > 0; count--) {
      await this.#forget(this.#removed[0]!);
      this.#removed.shift();
    }
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
