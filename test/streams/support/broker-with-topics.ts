import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired } from '#millrace/client/admin/outcome';

/** A broker in this process, with topics that are empty. */
export async function brokerWithTopics(
  names: readonly string[],
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<EmbeddedBroker> {
  const broker = await startBroker({
    config: {
      'group.initial.rebalance.delay.ms': '0',
      'group.streams.initial.rebalance.delay.ms': '0',
      'group.streams.min.heartbeat.interval.ms': '100',
      'group.streams.heartbeat.interval.ms': '200',
      ...config,
    },
  });
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  allRequired(await admin.topics.create(names.map((name) => ({ name, partitions }))));
  return broker;
}
