/** The compiled protocol codec on the requests of the hot path. */
import {
  API,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '#millrace/protocol/index';
import { batchOf, hashOf } from './fixtures.ts';
import type { MicroBench } from './micro-bench.ts';

const PRODUCE_VERSION = 11;
const METADATA_VERSION = 12;
const HEADER = { correlationId: 7, clientId: 'bench' };

function produceRequest(records: Buffer): Buffer {
  return encodeRequest(API.PRODUCE, PRODUCE_VERSION, HEADER, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 30_000,
    topicData: [{ name: 'bench', partitionData: [{ index: 0, records }] }],
  });
}

function produceResponse(): Buffer {
  return encodeResponse(API.PRODUCE, PRODUCE_VERSION, HEADER.correlationId, {
    responses: [
      {
        name: 'bench',
        partitionResponses: [
          { index: 0, errorCode: 0, baseOffset: 1_000_000, logStartOffset: 0, recordErrors: [] },
        ],
      },
    ],
  });
}

function metadataResponse(partitions: number): Buffer {
  return encodeResponse(API.METADATA, METADATA_VERSION, HEADER.correlationId, {
    brokers: [{ nodeId: 1, host: '127.0.0.1', port: 9092 }],
    clusterId: 'bench',
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: 'bench',
        partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          leaderEpoch: 0,
          replicaNodes: [1],
          isrNodes: [1],
        })),
      },
    ],
  });
}

export const bench: MicroBench = {
  name: 'protocol',
  prepare(smoke) {
    const records = batchOf(smoke ? 1 : 148);
    const produce = produceRequest(records);
    const answer = produceResponse();
    const metadata = metadataResponse(smoke ? 1 : 100);
    const task = (name: string, bytes: number, run: () => void) => ({
      name,
      operations: 1,
      bytes,
      run,
    });
    return {
      hash: hashOf(produce, answer, metadata),
      tasks: [
        task('decode Produce request', 0, () => {
          decodeRequest(API.PRODUCE, PRODUCE_VERSION, produce);
        }),
        task('encode Produce response', 0, () => {
          produceResponse();
        }),
        task('decode Metadata response', metadata.length, () => {
          decodeResponse(API.METADATA, METADATA_VERSION, metadata);
        }),
      ],
    };
  },
};
