import { MillraceError } from '../base/errors.ts';
import { LogDirectories } from '../log/log-directories.ts';
import { portableReason } from '../log/native.ts';
import type { BrokerOptions } from './broker.ts';
import { refuseOpenListeners } from './open-listeners.ts';
import { portableNotice } from './portable-notice.ts';

/** Locks the log directories of a broker whose configuration is one to start with. */
export function openLogDirectories({
  loaded,
  logger,
}: Pick<BrokerOptions, 'loaded' | 'logger'>): LogDirectories {
  const { settings } = loaded;
  if (portableReason !== '') logger.info(portableNotice(portableReason));
  if (settings.logDirs.length > 1 && settings.cluster === null) {
    const message = 'log.dirs: millrace keeps its data in one directory; name just one';
    const where = 'a broker of a cluster may have several';
    throw new MillraceError('MILLRACE_BAD_CONFIG', `${message} (${where})`);
  }
  refuseOpenListeners(settings);
  return LogDirectories.open(settings.logDirs, logger);
}
