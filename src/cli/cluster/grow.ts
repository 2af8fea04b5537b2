import { stderrLogger } from '../../base/logger.ts';
import { loadConfig } from '../../broker/config.ts';
import { grow } from '../../broker/grow.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_FILE = 'bootstrap.checkpoint';

/** `millrace cluster grow`: a stopped broker becomes the first one of a cluster. */
export async function growCluster(given: CommandArguments): Promise<number> {
  const clusterId = given.text('cluster-id');
  if (clusterId === undefined) throw new UsageError('cluster grow needs --cluster-id');
  const bootstrapPath = given.text('bootstrap-file') ?? DEFAULT_FILE;
  const loaded = loadConfig({ file: given.operands[0], overrides: given.texts('override') });
  const logger = stderrLogger('');
  const grown = await grow({ loaded, clusterId, bootstrapPath, logger });
  const { dataDirectory, topics, partitions, keptMetadata } = grown;
  process.stdout.write(`${topics} topics with ${partitions} partitions are in ${bootstrapPath}.

1. Format every controller as millrace cluster format-help says, with --cluster-id ${clusterId}.
2. Copy ${bootstrapPath} over the file of that name in the log.dirs of each of them.
3. Start the controllers, then this broker with the same configuration as here.

To go back before the controllers were started: remove meta.properties in ${dataDirectory}
and rename ${keptMetadata} to what it was. Delegation tokens are not taken along.
`);
  return 0;
}
