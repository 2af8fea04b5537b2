/** What the brokers of a cluster say of themselves and of one topic (Metadata 7). */
import type { ControlClient } from '../load/control-client.ts';
import { checkError } from '../load/load-error.ts';

export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[];
  /** Of the topic that was asked for. */
  readonly partitions: readonly PartitionState[];
}

interface PartitionState {
  readonly partition: number;
  readonly leader: number;
  readonly inSync: number;
}

/** A broker and the partitions that it leads. */
export interface LeadingBroker extends BrokerAddress {
  readonly partitions: readonly number[];
}

async function metadataOf(
  control: ControlClient,
  topics: readonly string[],
): Promise<ClusterMetadata> {
  const reader = await control.request('metadata', (writer) => {
    writer.array(topics, (topic) => writer.string(topic)).int8(0);
  });
  reader.int32();
  const brokers = reader.array(() => {
    const broker = { id: reader.int32(), host: reader.string(), port: reader.int32() };
    reader.string();
    return broker;
  });
  reader.string();
  reader.int32();
  const [partitions = []] = reader.array(() => {
    checkError(reader.int16(), `Metadata ${reader.string()}`);
    reader.int8();
    return reader.array((): PartitionState => {
      reader.int16();
      const partition = reader.int32();
      const leader = reader.int32();
      reader.int32();
      reader.array(() => reader.int32());
      const inSync = reader.array(() => reader.int32()).length;
      reader.array(() => reader.int32());
      return { partition, leader, inSync };
    });
  });
  return { brokers, partitions };
}

export async function brokerCountOf(control: ControlClient): Promise<number> {
  return (await metadataOf(control, [])).brokers.length;
}

/** Throws while a partition has no leader, or a replica that is not in sync. */
export async function leadersOf(
  control: ControlClient,
  topic: string,
  wanted: { readonly partitions: number; readonly replicas: number },
): Promise<LeadingBroker[]> {
  const { brokers, partitions } = await metadataOf(control, [topic]);
  const ready = partitions.filter(({ inSync }) => inSync === wanted.replicas);
  if (ready.length < wanted.partitions) {
    throw new Error(`${ready.length} of ${wanted.partitions} partitions are in sync`);
  }
  return brokers.map((broker) => {
    const own = ready.filter(({ leader }) => leader === broker.id);
    return { ...broker, partitions: own.map(({ partition }) => partition) };
  });
}
