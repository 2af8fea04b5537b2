import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../../src/protocol/api-registry.ts';
import { type Draft, encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { apiVersions, FakeBroker } from '../fake-broker.ts';
import { textOf } from './records-in.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const AT = { topic: 'orders', partition: 0 };
const SERVED = { [API.METADATA]: 12, [API.FETCH]: 17 };

type FetchRequest = RequestOf<typeof API.FETCH>;
type FetchResponse = Draft<ResponseOf<typeof API.FETCH>>;
type PartitionAnswer = Draft<
  ResponseOf<typeof API.FETCH>['responses'][number]['partitions'][number]
>;
type Fetched = PartitionAnswer & Pick<FetchResponse, 'nodeEndpoints'>;

/** What this broker answers a fetch from an offset. */
type Script = (offset: number, request: FetchRequest) => Fetched;

interface Pair extends AsyncDisposable {
  /** The brokers 1, which leads in the metadata, and 2. */
  readonly brokers: readonly FakeBroker[];
  readonly fetches: string[];
}

/** Two brokers. Metadata names those of `known`. */
async function pairOf(scripts: readonly [Script, Script], known: number[]): Promise<Pair> {
  const ports: number[] = [];
  const fetches: string[] = [];
  const start = (nodeId: number) =>
    FakeBroker.start((request) => {
      const { apiKey, version, correlationId } = request;
      if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
      if (apiKey === API.METADATA) {
        const answer = metadata(known.map((id) => ({ id, port: ports[id - 1]! })));
        return encodeResponseFrame(API.METADATA, version, correlationId, answer);
      }
      const body = request.body as FetchRequest;
      const offset = body.topics[0]?.partitions[0]?.fetchOffset;
      let answer: FetchResponse = { errorCode: 0, sessionId: 0, responses: [] };
      if (offset !== undefined) {
        fetches.push(`${nodeId} from ${offset}`);
        const { nodeEndpoints = [], ...said } = scripts[nodeId - 1]!(offset, body);
        const data = { partitionIndex: 0, errorCode: 0, highWatermark: 9, ...said };
        const partitions = [{ abortedTransactions: null, records: null, ...data }];
        answer = { ...answer, responses: [{ topicId: TOPIC_ID, partitions }], nodeEndpoints };
      }
      return encodeResponseFrame(API.FETCH, version, correlationId, answer);
    });
  const brokers = [await start(1), await start(2)];
  ports.push(...brokers.map(({ port }) => port));
  return {
    brokers,
    fetches,
    async [Symbol.asyncDispose]() {
      for (const broker of brokers) await broker[Symbol.asyncDispose]();
    },
  };
}

function metadata(nodes: { id: number; port: number }[]): Draft<ResponseOf<typeof API.METADATA>> {
  const partition = { errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 3 };
  const rest = { replicaNodes: [1, 2], isrNodes: [1, 2], offlineReplicas: [] };
  const partitions = [{ ...partition, ...rest }];
  const topics = [
    { errorCode: 0, name: 'orders', topicId: TOPIC_ID, isInternal: false, partitions },
  ];
  const brokers = nodes.map(({ id, port }) => {
    return { nodeId: id, host: '127.0.0.1', port, rack: null };
  });
  return { brokers, clusterId: 'fake', controllerId: 1, topics };
}

const record: Script = (baseOffset) => {
  const value = Buffer.from(`value ${baseOffset}`);
  return { records: buildBatch([{ value, timestamp: 1 }], { baseOffset, leaderEpoch: 3 }) };
};

function reader({ brokers }: Pair, more = {}): Consumer {
  const quick = { retryBackoffMs: 2, retryBackoffMaxMs: 5, fetchMaxWaitMs: 5 };
  const consumer = new Consumer({
    bootstrapServers: `127.0.0.1:${brokers[0]!.port}`,
    ...quick,
    ...more,
  });
  consumer.assign([AT]);
  consumer.seek(AT, 4);
  return consumer;
}

async function take(consumer: Consumer, count: number): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  for await (const { value } of consumer) {
    texts.push(textOf(value));
    if (texts.length === count) break;
  }
  return texts;
}

describe('a consumer of a rack', () => {
  it('reads the replica that the leader prefers for it, and nothing from the leader', async () => {
    const racks = new Set<string>();
    const leader: Script = (_offset, { rackId }) => {
      racks.add(rackId);
      return { preferredReadReplica: 2 };
    };
    await using pair = await pairOf([leader, record], [1, 2]);
    await using consumer = reader(pair, { clientRack: 'b' });
    expect(await take(consumer, 3)).toEqual(['value 4', 'value 5', 'value 6']);
    expect([...racks]).toEqual(['b']);
    expect(pair.fetches.slice(0, 4)).toEqual(['1 from 4', '2 from 4', '2 from 5', '2 from 6']);
  });

  it('goes back to the leader where the replica lacks the offset, and resets nothing', async () => {
    let asked = 0;
    const leader: Script = (offset, request) => {
      return asked++ === 0 ? { preferredReadReplica: 2 } : record(offset, request);
    };
    const behind: Script = () => ({ errorCode: ERROR.OFFSET_OUT_OF_RANGE });
    await using pair = await pairOf([leader, behind], [1, 2]);
    await using consumer = reader(pair, { clientRack: 'b' });
    expect(await take(consumer, 2)).toEqual(['value 4', 'value 5']);
    expect(pair.fetches.slice(0, 3)).toEqual(['1 from 4', '2 from 4', '1 from 4']);
  });
});

describe('a leader that moved', () => {
  it('is read where the answer says that it is, while the metadata names the old one (KIP-951)', async () => {
    const ports: number[] = [];
    const moved: Script = () => ({
      errorCode: ERROR.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: 2, leaderEpoch: 4 },
      nodeEndpoints: [{ nodeId: 2, host: '127.0.0.1', port: ports[0]!, rack: null }],
    });
    await using pair = await pairOf([moved, record], [1, 2]);
    ports.push(pair.brokers[1]!.port);
    await using consumer = reader(pair);
    expect(await take(consumer, 2)).toEqual(['value 4', 'value 5']);
    expect(pair.fetches.slice(0, 3)).toEqual(['1 from 4', '2 from 4', '2 from 5']);
  });
});
