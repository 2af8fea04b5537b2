import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import type { TxnOffsetCommitRequest } from '../../protocol/schema/28-txn-offset-commit.ts';
import { leaderOf } from '../groups/coordinator-topic.ts';
import { GROUPS_TOPIC } from '../groups/internal-topics.ts';
import type { Call } from '../net/call.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER } from '../requests/handler.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { verificationError } from '../transactions/verification-error.ts';
import { type GateServiceName, gated } from './gate.ts';
import { forwardOne, type GroupServiceName, madeTopic } from './group-forwarding.ts';
import { txnCommitGate } from './offset-gates.ts';

type ServiceName = GroupServiceName | 'transactions' | 'transactionWriters';
type Needed = Services<ServiceName>;
type Topic = TxnOffsetCommitRequest['topics'][number];

/** From these versions on the broker adds the group, and clients know TRANSACTION_ABORTABLE. */
const ADDS_SINCE = 5;
const ABORTABLE_SINCE = 4;
/** Older clients may break on a coordinator that says it is loading. */
const LOADING_SINCE = 2;
const NO_SEQUENCE = -1;

/**
 * TxnOffsetCommit (28), versions 0 to 5, served by the group's coordinator. The coordinator of the
 * transaction is asked first whether the group belongs to it.
 */
export const txnOffsetCommit = gated<typeof API.TXN_OFFSET_COMMIT, ServiceName | GateServiceName>(
  API.TXN_OFFSET_COMMIT,
  {
    key: API.TXN_OFFSET_COMMIT,
    versions: '0-5',
    needs: [
      forRequest('WRITE', 'TRANSACTIONAL_ID'),
      forRequest('READ', 'GROUP'),
      forEach('READ', 'TOPIC'),
    ],
    appends: true,
    handleRaw(body, call, services) {
      const decode = codecFor(API.TXN_OFFSET_COMMIT).request.decoder(call.apiVersion);
      const request = decode(body, 0, body.length);
      // What the verification waits for is over when the body is needed.
      const copy = Buffer.from(body);
      const topic = services.partitions.topicByName(GROUPS_TOPIC.name);
      if (topic !== undefined) {
        commit(topic, request, copy, call, services);
        return ANSWERED_LATER;
      }
      const committed = madeTopic(GROUPS_TOPIC, services).then((made) => {
        commit(made, request, copy, call, services);
      });
      inBackground(committed, (thrown) => {
        call.cut(`committed offsets: ${reasonOf(thrown)}`, 'failed');
      });
      return ANSWERED_LATER;
    },
  },
  txnCommitGate,
);

function commit(
  topic: TopicMirror,
  request: TxnOffsetCommitRequest,
  body: Buffer,
  call: Call,
  services: Needed,
): void {
  const { groupId, transactionalId, producerId, producerEpoch } = request;
  const mirror = leaderOf(topic, groupId);
  if (mirror === null || groupId === '' || !request.topics.some((each) => exists(each, services))) {
    // Its worker says why not, and writes nothing.
    forwardOne(groupId, body, call, services);
    return;
  }
  const producer = { transactionalId, producerId, producerEpoch, sequence: NO_SEQUENCE };
  const write = { mirror, ...producer, bumpsEpoch: call.apiVersion >= ADDS_SINCE };
  services.transactions.gate.pass(write, (error, guard) => {
    if (call.connection.closed) return;
    if (error !== 0) {
      services.replies.reply(call, refused(request, errorFor(call.apiVersion, error)));
      return;
    }
    services.transactionWriters.note(producerId, transactionalId, call);
    forwardOne(groupId, body, call, services, GROUPS_TOPIC, guard);
  });
}

/** Whether some partition of the topic is there. */
function exists({ name, partitions }: Topic, services: Needed): boolean {
  const known = services.partitions.topicByName(name)?.partitions;
  return known !== undefined && partitions.some(({ partitionIndex }) => partitionIndex in known);
}

function errorFor(version: number, error: number): number {
  const told = verificationError(error, version >= ABORTABLE_SINCE);
  const isLoading = told === ERROR.COORDINATOR_LOAD_IN_PROGRESS;
  return isLoading && version < LOADING_SINCE ? ERROR.COORDINATOR_NOT_AVAILABLE : told;
}

function refused({ topics }: TxnOffsetCommitRequest, errorCode: number): object {
  const answers = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
  return { topics: answers };
}
