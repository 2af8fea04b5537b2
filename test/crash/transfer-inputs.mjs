/** The records that are to be transferred: number n of a partition stands at offset n. */
import { API, ERROR } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { endOf } from '../support/committed-reader.mjs';

const BATCH = 50;

/** Writes on until a partition has `wanted` records. */
export async function writeInputs(link, topic, partition, wanted, textOf = String) {
  for (;;) {
    const end = await endOf(link, topic, partition, false);
    if (end >= wanted) return end;
    const records = [];
    for (let number = end; number < Math.min(wanted, end + BATCH); number++) {
      records.push({
        value: Buffer.from(textOf(number)),
        timestamp: Date.now(),
      });
    }
    const partitionData = [{ index: partition, records: buildBatch(records) }];
    const topicData = [{ name: topic, partitionData }];
    const body = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 10_000,
      topicData,
    };
    const answer = await link.send(API.PRODUCE, 9, body);
    const { errorCode } = answer.responses[0].partitionResponses[0];
    if (errorCode !== ERROR.NONE) throw new Error(`${topic}-${partition}: error ${errorCode}`);
  }
}
