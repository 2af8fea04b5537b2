import { isSystemError, MillraceError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { DataDirectory } from './data-directory.ts';

/** One of the log directories of a broker. */
export class LogDirectory {
  readonly path: string;
  /** Null where it could not be opened. */
  readonly data: DataDirectory | null;
  /** Kafka's controllers know it by this id; '' where it is not known. */
  id = '';
  /** Why it is lost until the next start; '' while it is well. */
  failure = '';
  /** `topic-partition` of what lies in it. Only kept where there are several directories. */
  readonly partitions = new Set<string>();

  constructor(path: string, data: DataDirectory | null) {
    this.path = path;
    this.data = data;
  }

  get isLost(): boolean {
    return this.failure !== '';
  }

  /** A directory whose disk fails is a lost one. Throws where it may not be used. */
  static open(path: string, logger: Logger): LogDirectory {
    try {
      const data = DataDirectory.open(path, logger);
      return new LogDirectory(data.path, data);
    } catch (thrown) {
      if (!isOfDisk(thrown)) throw thrown;
      const lost = new LogDirectory(path, null);
      lost.failure = (thrown as Error).message;
      return lost;
    }
  }

  /** What is known of it can be told, also where its disk is lost. */
  release(): void {
    try {
      this.data?.release();
    } catch (thrown) {
      if (!this.isLost || !isSystemError(thrown)) throw thrown;
    }
  }
}

/** The system could not do what was asked of it. */
function isOfDisk(thrown: unknown): boolean {
  return isSystemError(thrown) || (thrown instanceof MillraceError && isSystemError(thrown.cause));
}
