import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import { API } from '../../protocol/api-keys.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import {
  ADD_PARTITIONS_TO_TXN,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
} from '../../protocol/schema/24-add-partitions-to-txn.ts';
import { coordinatorAt, coordinatorIdOf, leaderOf } from '../groups/coordinator-topic.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';
import type { BrokerPeers } from './broker-peers.ts';

/** The version that brokers ask each other with. */
const VERSION = 5;

export interface Question {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly topic: string;
  readonly partition: number;
  /** Only asks whether the partition belongs to the transaction; otherwise adds it. */
  readonly verifyOnly: boolean;
}

export type OnAnswer = (errorCode: number) => void;

interface QuestionServices {
  readonly metadata: MetadataView;
  readonly partitions: Partitions;
  readonly workers: Workers;
  /** Null where there are no other brokers. */
  readonly peers: BrokerPeers | null;
}

interface Asked {
  readonly question: Question;
  readonly onAnswer: OnAnswer;
}

/**
 * Asks the coordinators whether partitions belong to transactions, or has them added. What one turn
 * asks about the same transaction is one request.
 */
export class CoordinatorQuestions {
  readonly #services: QuestionServices;
  #waiting = new Map<string, Asked[]>();

  constructor(services: QuestionServices) {
    this.#services = services;
  }

  ask(question: Question, onAnswer: OnAnswer): void {
    const { transactionalId, producerId, producerEpoch, verifyOnly } = question;
    const key = `${producerId} ${producerEpoch} ${verifyOnly} ${transactionalId}`;
    if (this.#waiting.size === 0) queueMicrotask(() => this.#send());
    const known = this.#waiting.get(key);
    if (known === undefined) this.#waiting.set(key, [{ question, onAnswer }]);
    else known.push({ question, onAnswer });
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const asked of waiting.values()) this.#sendOne(asked);
  }

  #sendOne(asked: readonly Asked[]): void {
    const { transactionalId } = asked[0]!.question;
    const { partitions, workers, peers } = this.#services;
    const topic = partitions.topicByName(TRANSACTIONS_TOPIC.name);
    if (topic === undefined) {
      refuseAll(asked);
      return;
    }
    if (peers !== null && leaderOf(topic, transactionalId) === null) {
      inBackground(this.#askPeer(asked, peers), () => refuseAll(asked));
      return;
    }
    const { worker, slot } = coordinatorAt(topic, transactionalId);
    const body = encodeMessage(ADD_PARTITIONS_TO_TXN.request, VERSION, requestOf(asked));
    const api = { apiKey: API.ADD_PARTITIONS_TO_TXN, apiVersion: VERSION };
    const call = { slot, ...api, clientId: '', clientHost: '', body };
    workers.coordinate(worker, call, {
      onCoordinated: (bytes) => {
        if (bytes.length === 0) refuseAll(asked);
        else answerAll(asked, decodeMessage(ADD_PARTITIONS_TO_TXN.response, VERSION, bytes));
      },
    });
  }

  /** The coordinator is on another broker. */
  async #askPeer(asked: readonly Asked[], peers: BrokerPeers): Promise<void> {
    const { image } = this.#services.metadata;
    const { transactionalId } = asked[0]!.question;
    const leader = coordinatorIdOf(image, TRANSACTIONS_TOPIC, transactionalId);
    if (leader === NO_LEADER) {
      refuseAll(asked);
      return;
    }
    answerAll(asked, await peers.ask(leader, API.ADD_PARTITIONS_TO_TXN, requestOf(asked)));
  }
}

function refuseAll(asked: readonly Asked[]): void {
  for (const { onAnswer } of asked) onAnswer(ERROR.COORDINATOR_NOT_AVAILABLE);
}

function requestOf(asked: readonly Asked[]): AddPartitionsToTxnRequest {
  const { transactionalId, producerId, producerEpoch, verifyOnly } = asked[0]!.question;
  const topics = new Map<string, Set<number>>();
  for (const { question } of asked) {
    const known = topics.get(question.topic);
    if (known === undefined) topics.set(question.topic, new Set([question.partition]));
    else known.add(question.partition);
  }
  const transaction = {
    transactionalId,
    producerId,
    producerEpoch,
    verifyOnly,
    topics: Array.from(topics, ([name, partitions]) => ({ name, partitions: [...partitions] })),
  };
  return {
    transactions: [transaction],
    v3AndBelowTransactionalId: '',
    v3AndBelowProducerId: 0,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: [],
  };
}

function answerAll(asked: readonly Asked[], answer: AddPartitionsToTxnResponse): void {
  const errors = new Map<string, number>();
  for (const { topicResults } of answer.resultsByTransaction) {
    for (const { name, resultsByPartition } of topicResults) {
      for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
        errors.set(`${partitionIndex} ${name}`, partitionErrorCode);
      }
    }
  }
  for (const { question, onAnswer } of asked) {
    const { topic, partition } = question;
    onAnswer(errors.get(`${partition} ${topic}`) ?? ERROR.COORDINATOR_NOT_AVAILABLE);
  }
}
