import { MillraceError } from '../base/errors.ts';
import { DataDirectory } from '../log/data-directory.ts';
import { portableReason } from '../log/native.ts';
import type { BrokerOptions } from './broker.ts';
import { refuseOpenListeners } from './open-listeners.ts';
import { portableNotice } from './portable-notice.ts';

/** Locks the data directory of a broker whose configuration is one to start with. */
export function openDataDirectory({
  loaded,
  logger,
}: Pick<BrokerOptions, 'loaded' | 'logger'>): DataDirectory {
  const { settings } = loaded;
  if (portableReason !== '') logger.info(portableNotice(portableReason));
  if (settings.logDirs.length > 1) {
    const message = 'log.dirs: millrace keeps its data in one directory; name just one';
    throw new MillraceError('MILLRACE_BAD_CONFIG', message);
  }
  refuseOpenListeners(settings);
  return DataDirectory.open(settings.logDirs[0]!, logger);
}
