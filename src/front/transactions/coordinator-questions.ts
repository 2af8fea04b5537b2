import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import { ADD_PARTITIONS_TO_TXN } from '../../protocol/schema/24-add-partitions-to-txn.ts';
import { coordinatorAt } from '../groups/coordinator-topic.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';

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

interface Asked {
  readonly question: Question;
  readonly onAnswer: OnAnswer;
}

/**
 * Asks the coordinators whether partitions belong to transactions, or has them added. What one turn
 * asks about the same transaction is one request.
 */
export class CoordinatorQuestions {
  readonly #partitions: Partitions;
  readonly #workers: Workers;
  #waiting = new Map<string, Asked[]>();

  constructor(partitions: Partitions, workers: Workers) {
    this.#partitions = partitions;
    this.#workers = workers;
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
    const topic = this.#partitions.topicByName(TRANSACTIONS_TOPIC.name);
    if (topic === undefined) {
      for (const { onAnswer } of asked) onAnswer(ERROR.COORDINATOR_NOT_AVAILABLE);
      return;
    }
    const { worker, slot } = coordinatorAt(topic, transactionalId);
    const body = requestOf(asked);
    const api = { apiKey: API.ADD_PARTITIONS_TO_TXN, apiVersion: VERSION };
    const call = { slot, ...api, clientId: '', clientHost: '', body };
    this.#workers.coordinate(worker, call, {
      onCoordinated: (answer) => answerAll(asked, answer),
    });
  }
}

function requestOf(asked: readonly Asked[]): Buffer {
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
  return encodeMessage(ADD_PARTITIONS_TO_TXN.request, VERSION, {
    transactions: [transaction],
    v3AndBelowTransactionalId: '',
    v3AndBelowProducerId: 0,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: [],
  });
}

function answerAll(asked: readonly Asked[], bytes: Buffer): void {
  const errors = new Map<string, number>();
  if (bytes.length > 0) {
    const answer = decodeMessage(ADD_PARTITIONS_TO_TXN.response, VERSION, bytes);
    for (const { topicResults } of answer.resultsByTransaction) {
      for (const { name, resultsByPartition } of topicResults) {
        for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
          errors.set(`${partitionIndex} ${name}`, partitionErrorCode);
        }
      }
    }
  }
  for (const { question, onAnswer } of asked) {
    const { topic, partition } = question;
    onAnswer(errors.get(`${partition} ${topic}`) ?? ERROR.COORDINATOR_NOT_AVAILABLE);
  }
}
