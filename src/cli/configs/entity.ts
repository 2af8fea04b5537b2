import { type ConfigResource, RESOURCE_TYPE } from '../../client/config-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** The one thing whose configuration is meant. */
export function configEntity(given: CommandArguments): ConfigResource {
  const found: ConfigResource[] = [];
  const topic = given.text('topic');
  const broker = given.integer('broker', 0);
  const group = given.text('group');
  if (topic !== undefined) found.push({ type: RESOURCE_TYPE.TOPIC, name: topic });
  if (broker !== undefined) found.push({ type: RESOURCE_TYPE.BROKER, name: String(broker) });
  if (given.has('broker-defaults')) found.push({ type: RESOURCE_TYPE.BROKER, name: '' });
  if (group !== undefined) found.push({ type: RESOURCE_TYPE.GROUP, name: group });
  if (found.length !== 1) {
    throw new UsageError('expected one of --topic, --broker, --broker-defaults and --group');
  }
  return found[0]!;
}
