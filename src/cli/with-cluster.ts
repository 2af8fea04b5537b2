import { Cluster } from '../client/cluster.ts';
import type { CommandArguments } from './command-arguments.ts';
import { connectionOptions } from './connection-options.ts';

/** Runs a command's part that sends or reads records, and closes the connections behind it. */
export async function withCluster<T>(
  given: CommandArguments,
  run: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  await using cluster = new Cluster(connectionOptions(given));
  return await run(cluster);
}
