import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { Admin } from '../../../src/client/admin/admin.ts';
import { required } from '../../../src/client/admin/outcome.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker, type SeenRequest } from '../fake-broker.ts';

interface Script {
  readonly findVersion: number;
  readonly fetchVersion: number;
  /** Errors before the coordinator is found, and then before it answers. */
  readonly finding: number[];
  readonly answering: number[];
}

function answerFor(script: Script, port: () => number) {
  return (request: SeenRequest): Buffer => {
    const { apiKey, version, correlationId } = request;
    if (apiKey === API.API_VERSIONS) {
      return apiVersions(request, {
        [API.FIND_COORDINATOR]: script.findVersion,
        [API.OFFSET_FETCH]: script.fetchVersion,
      });
    }
    if (apiKey === API.FIND_COORDINATOR) {
      const errorCode = script.finding.shift() ?? ERROR.NONE;
      const found = { nodeId: 1, host: '127.0.0.1', port: port(), errorCode };
      const body = version < 4 ? found : { coordinators: [{ key: 'g', ...found }] };
      return encodeResponseFrame(API.FIND_COORDINATOR, version, correlationId, body);
    }
    const errorCode = script.answering.shift() ?? ERROR.NONE;
    const partition = { partitionIndex: 2, committedOffset: 40, metadata: '', errorCode: 0 };
    const topics = errorCode === 0 ? [{ name: 't', partitions: [partition] }] : [];
    const body =
      version < 8 ? { topics, errorCode } : { groups: [{ groupId: 'g', topics, errorCode }] };
    return encodeResponseFrame(API.OFFSET_FETCH, version, correlationId, body);
  };
}

async function fetchWith(script: Script): Promise<{ offsets: unknown; asked: number[] }> {
  let port = 0;
  await using broker = await FakeBroker.start(answerFor(script, () => port));
  port = broker.port;
  await using admin = new Admin({
    bootstrapServers: `127.0.0.1:${port}`,
    defaultApiTimeoutMs: 2_000,
    retryBackoffMs: 20,
  });
  const offsets = required((await admin.groupOffsets.list(['g'])).get('g'));
  const asked = broker.requests.map(({ apiKey }) => apiKey);
  return { offsets, asked: asked.filter((key) => key !== API.API_VERSIONS) };
}

const EXPECTED = [{ topic: 't', partition: 2, offset: 40, leaderEpoch: -1, metadata: '' }];

describe('CoordinatorRoute', () => {
  it('waits until there is a coordinator and until it has loaded', async () => {
    const { offsets, asked } = await fetchWith({
      findVersion: 6,
      fetchVersion: 9,
      finding: [ERROR.COORDINATOR_NOT_AVAILABLE],
      answering: [ERROR.COORDINATOR_LOAD_IN_PROGRESS, ERROR.NOT_COORDINATOR],
    });
    expect(offsets).toEqual(EXPECTED);
    const { FIND_COORDINATOR: find, OFFSET_FETCH: fetch } = API;
    expect(asked).toEqual([find, find, fetch, find, fetch, find, fetch]);
  });

  it('speaks to brokers that know neither batches of keys nor of groups', async () => {
    const script = { findVersion: 2, fetchVersion: 5, finding: [], answering: [] };
    const { offsets } = await fetchWith(script);
    expect(offsets).toEqual(EXPECTED);
  });

  it('lets an error that does not pass through at once', async () => {
    const answering: number[] = [ERROR.GROUP_AUTHORIZATION_FAILED];
    const script = { findVersion: 6, fetchVersion: 9, finding: [], answering };
    await expect(fetchWith(script)).rejects.toThrow('group g: ');
  });
});
