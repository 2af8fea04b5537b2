import { dirname } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import type { PartitionMirror } from '../front/partitions/partition-mirror.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { LogDirectory } from '../log/log-directory.ts';

export interface DirectoryFailuresMeans {
  readonly logDirs: LogDirectories;
  readonly partitions: Partitions;
  readonly workers: Pick<Workers, 'tell' | 'workerCount'>;
  /** The cluster must know that what lies in it is out of reach. */
  readonly onLost: (directory: LogDirectory) => void;
  readonly onFatal: (error: Error) => void;
}

/**
 * Where a disk fails, all that lies in the log directory on it is offline until the next start, and
 * the broker goes on with the others. Without any it cannot.
 */
export class DirectoryFailures {
  readonly #means: DirectoryFailuresMeans;

  constructor(means: DirectoryFailuresMeans) {
    this.#means = means;
  }

  follow(): void {
    const { logDirs, partitions } = this.#means;
    logDirs.onLost = (directory) => this.#lost(directory);
    partitions.onDiskFailed = (mirror, reason) => this.#failed(mirror, reason);
  }

  #failed({ directory }: PartitionMirror, reason: string): void {
    const { logDirs } = this.#means;
    const failed = logDirs.at(dirname(directory));
    if (failed !== undefined) logDirs.lose(failed, reason);
  }

  #lost(directory: LogDirectory): void {
    const { path: logDir, failure: reason } = directory;
    const { logDirs, partitions, workers, onLost, onFatal } = this.#means;
    if (logDirs.live.length === 0) {
      onFatal(new MillraceError('MILLRACE_DATA_DIR', 'all log directories are lost: see above'));
      return;
    }
    for (const { held } of partitions.topics()) {
      for (const mirror of held) {
        const isIn = dirname(mirror.directory) === logDir;
        if (isIn && mirror.offlineReason === '') partitions.setOffline(mirror, reason);
      }
    }
    for (let worker = 0; worker < workers.workerCount; worker++) {
      workers.tell(worker, { kind: 'lose-directory', logDir, reason });
    }
    onLost(directory);
  }
}
