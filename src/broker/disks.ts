import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import { ReplicaMoves } from '../front/partitions/replica-moves.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { Authority } from './authority.ts';
import type { CheckpointKeeper } from './checkpoint-keeper.ts';
import { DirectoryFailures } from './directory-failures.ts';

const RATE = 'replica.alter.log.dirs.io.max.bytes.per.second';

export interface DisksMeans {
  readonly logDirs: LogDirectories;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly keeper: CheckpointKeeper;
  readonly authority: Authority;
  readonly onFatal: (error: Error) => void;
  readonly logger: Logger;
}

/** What happens to the log directories of a running broker: replicas move, and disks fail. */
export class Disks {
  readonly moves: ReplicaMoves;
  readonly #means: DisksMeans;

  constructor(means: DisksMeans) {
    const { logDirs, partitions, workers, keeper, authority, logger } = means;
    this.#means = means;
    const moves = new ReplicaMoves({
      partitions,
      workers,
      bytesPerSecond: () => authority.view.config.number(RATE),
      onMoved: ({ topic, index }, logDir) => {
        logDirs.moved(`${topic}-${index}`, logDir);
        inBackground(keeper.save(), logFailure(logger, 'the checkpoint'));
      },
      onDiskFailed: (logDir, reason) => {
        const failed = logDirs.at(logDir);
        if (failed !== undefined) logDirs.lose(failed, reason);
      },
      assign: (mirror, logDir) => authority.assignDirectory(mirror, logDir),
      logger,
    });
    this.moves = moves;
    workers.copies = moves;
    authority.view.onChange(({ before, after }) => {
      if (before.brokerConfigs !== after.brokerConfigs) moves.pace();
    });
  }

  /**
   * Before the workers are heard. Where nobody else can lead, a disk fails partition by partition.
   */
  follow(): void {
    const { authority } = this.#means;
    if (!authority.isElected) return;
    new DirectoryFailures({
      ...this.#means,
      onLost: ({ path, id }) => {
        this.moves.lost(path);
        authority.onDirectoryLost(id);
      },
    }).follow();
  }

  /** At the start: goes on with moves that the last run did not end. */
  resume(): void {
    const { logDirs, partitions, logger } = this.#means;
    for (const [name, logDir] of logDirs.interrupted) {
      const at = name.lastIndexOf('-');
      const topic = partitions.topicByName(name.slice(0, at));
      const mirror = topic?.partitions[Number(name.slice(at + 1))];
      if (mirror?.offlineReason !== '') continue;
      inBackground(this.moves.start(mirror, logDir), logFailure(logger, `moving ${name}`));
    }
  }
}
