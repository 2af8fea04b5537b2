import type { ConfigResource } from '../../client/admin/config-resource.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** The one thing whose configuration is meant. */
export function configEntity(given: CommandArguments): ConfigResource {
  const found: ConfigResource[] = [];
  const topic = given.text('topic');
  const broker = given.integer('broker', 0);
  const group = given.text('group');
  if (topic !== undefined) found.push({ type: 'topic', name: topic });
  if (broker !== undefined) found.push({ type: 'broker', name: String(broker) });
  if (given.has('broker-defaults')) found.push({ type: 'broker', name: '' });
  if (group !== undefined) found.push({ type: 'group', name: group });
  if (found.length !== 1) {
    throw new UsageError('expected one of --topic, --broker, --broker-defaults and --group');
  }
  return found[0]!;
}
