import { ERROR } from '../../../base/kafka-errors.ts';
import type { ApiKey } from '../../../protocol/api-keys.ts';
import type { ResponseOf } from '../../../protocol/api-registry.ts';
import { answerError, type KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { isCoordinatorMove } from '../../metadata/coordinator-finder.ts';
import type { AskBody } from '../../net/connection-settings.ts';
import { LANE } from '../../net/lane.ts';

interface Answer {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

type AnswerKey = {
  [Key in ApiKey]: ResponseOf<Key> extends Answer ? Key : never;
}[ApiKey];

/** Asks the coordinator of one group, wherever it is now. */
export class CoordinatorLane {
  readonly groupId: string;
  readonly #link: ClusterLink;

  constructor(link: ClusterLink, groupId: string) {
    this.#link = link;
    this.groupId = groupId;
  }

  /** One attempt. An answer with an error throws, unless `accepts` it. */
  async ask<Key extends AnswerKey>(
    apiKey: Key,
    body: AskBody<Key>,
    options: { readonly timeoutMs?: number; readonly accepts?: number } = {},
  ): Promise<ResponseOf<Key>> {
    const { groups, network } = this.#link;
    let answer: ResponseOf<Key>;
    try {
      const coordinator = await groups.find(this.groupId);
      const connection = await network.connect(coordinator, LANE.GROUP);
      const { timeoutMs } = options;
      answer = await connection.ask(apiKey, body, timeoutMs === undefined ? {} : { timeoutMs });
    } catch (thrown) {
      groups.forget(this.groupId);
      throw toKafkaError(thrown, 'NETWORK_EXCEPTION');
    }
    const { errorCode, errorMessage } = answer as Answer;
    if (errorCode !== 0 && errorCode !== options.accepts) {
      throw this.#error(errorCode, errorMessage ?? null);
    }
    return answer;
  }

  /**
   * Tells that a member leaves, and tells it again where the first attempt failed on its way: the
   * group would wait for the end of its session. Whom the group does not know then has left.
   */
  async leave<Key extends AnswerKey>(apiKey: Key, body: AskBody<Key>): Promise<void> {
    try {
      await this.ask(apiKey, body);
    } catch (thrown) {
      if (!toKafkaError(thrown).retriable) throw thrown;
      await this.ask(apiKey, body, { accepts: ERROR.UNKNOWN_MEMBER_ID });
    }
  }

  #error(errorCode: number, text: string | null): KafkaError {
    if (isCoordinatorMove(errorCode)) this.#link.groups.forget(this.groupId);
    return answerError(errorCode, text, `group ${this.groupId}`);
  }
}
