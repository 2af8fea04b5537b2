import { CLIENT_DEFAULTS } from '../../../src/client/config/client-options.ts';
import { ClusterLink } from '../../../src/client/metadata/cluster-link.ts';
import { LANE } from '../../../src/client/net/lane.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { buildBatch, type RecordInput } from '../../../src/records/batch-builder.ts';

const BY_NAME_VERSION = 12;

/** Puts one batch of records into a partition. */
export async function putRecords(
  bootstrapServers: string,
  at: { readonly topic: string; readonly partition?: number },
  values: readonly (string | RecordInput)[],
): Promise<void> {
  const { topic: name, partition: index = 0 } = at;
  const link = new ClusterLink(
    { ...CLIENT_DEFAULTS, bootstrapServers },
    { allowAutoTopicCreation: true },
  );
  const topic = await link.metadata.requireTopic(name, { timeoutMs: 10_000 });
  const connection = await link.network.connect(topic.partitions[index]!.leader, LANE.PRODUCE);
  const inputs = values.map((value) => {
    return typeof value === 'string' ? { value: Buffer.from(value), timestamp: 1_000 } : value;
  });
  const partitionData = [{ index, records: buildBatch(inputs) }];
  const answer = await connection.ask(
    API.PRODUCE,
    { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData: [{ name, partitionData }] },
    { maxVersion: BY_NAME_VERSION },
  );
  link.close();
  const code = answer.responses[0]!.partitionResponses[0]!.errorCode;
  if (code !== 0) throw new Error(`the records were refused: ${code}`);
}

export function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `value ${from + i}`);
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}
