import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import { responseBodyStart, responseHeaderVersion } from '../../protocol/header.ts';
import type {
  ProduceResponse,
  ProduceResponsePartitionProduceResponse,
} from '../../protocol/schema/00-produce.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AnswerHandler } from '../net/connection-settings.ts';
import type { BrokerSink } from './broker-sink.ts';
import { PRODUCE_BY_ID_VERSION, type ProduceTarget } from './produce-request.ts';
import type { ProduceResults } from './produce-results.ts';
import type { Sender } from './sender.ts';

/** One Produce request on its way. Each of its batches gets exactly one result. */
export class ProduceExchange implements AnswerHandler {
  readonly #sender: Sender;
  readonly #results: ProduceResults;
  readonly #sink: BrokerSink;
  readonly #connection: Connection;
  readonly #targets: readonly ProduceTarget[];
  #isSettled = false;
  version = 0;

  constructor(
    sender: Sender,
    results: ProduceResults,
    sink: BrokerSink,
    connection: Connection,
    targets: readonly ProduceTarget[],
  ) {
    this.#sender = sender;
    this.#results = results;
    this.#sink = sink;
    this.#connection = connection;
    this.#targets = targets;
  }

  onAnswer(bytes: Buffer, start: number, end: number): void {
    const headerVersion = responseHeaderVersion(API.PRODUCE, this.version);
    const bodyStart = responseBodyStart(bytes, start, end, headerVersion);
    const decode = codecFor(API.PRODUCE).response.decoder(this.version);
    const answer = decode(bytes, bodyStart, end);
    this.#connection.throttle(answer.throttleTimeMs);
    if (!this.#settle()) return;
    for (let i = 0; i < this.#targets.length; i++) {
      const target = this.#targets[i]!;
      const result = this.#resultOf(answer, target, i);
      if (result === null) this.#results.onLost(target, missingResult(target));
      else this.#results.onResult(target, result, answer.nodeEndpoints);
    }
    this.#sender.onSettled(this.#sink);
  }

  onFailure(error: KafkaError): void {
    if (!this.#settle()) return;
    for (const target of this.#targets) this.#results.onLost(target, error);
    this.#sender.onSettled(this.#sink);
  }

  /** With acks=0 all that is known is that the system took the bytes. */
  onTaken(): void {
    if (!this.#settle()) return;
    for (const target of this.#targets) this.#results.onUnanswered(target);
    this.#sender.onSettled(this.#sink);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    return true;
  }

  /** Brokers answer in the order of the request. A result that is not in its place is searched. */
  #resultOf(
    answer: ProduceResponse,
    target: ProduceTarget,
    index: number,
  ): ProduceResponsePartitionProduceResponse | null {
    if (this.#targets.length === 1 && answer.responses.length === 1) {
      const only = answer.responses[0]!.partitionResponses[0];
      if (only !== undefined && only.index === target.partition) return only;
    }
    const byId = this.version >= PRODUCE_BY_ID_VERSION;
    for (const topic of answer.responses) {
      if (byId ? topic.topicId !== target.topicId : topic.name !== target.topic) continue;
      const list = topic.partitionResponses;
      const near = list[index];
      if (near?.index === target.partition) return near;
      for (const each of list) if (each.index === target.partition) return each;
    }
    return null;
  }
}

function missingResult({ topic, partition }: ProduceTarget): KafkaError {
  const what = `the broker's answer says nothing of partition ${topic}-${partition}`;
  return new KafkaError('UNKNOWN_SERVER_ERROR', what, { topic, partition });
}
