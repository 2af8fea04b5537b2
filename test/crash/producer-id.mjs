/** A producer id for writes that are to be taken once. */
import { API } from '../../dist/protocol/index.js';

export async function newProducerId(connection) {
  const answer = await connection.send(API.INIT_PRODUCER_ID, 4, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
  });
  if (answer.errorCode !== 0) throw new Error(`no producer id: error ${answer.errorCode}`);
  return answer.producerId;
}
