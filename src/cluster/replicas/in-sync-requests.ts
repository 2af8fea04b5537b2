import type { Draft } from '../../protocol/frames.ts';
import type {
  AlterPartitionRequest,
  AlterPartitionRequestPartitionData,
  AlterPartitionResponse,
} from '../../protocol/schema/56-alter-partition.ts';
import { takenAnswer } from './taken-answer.ts';

/** A change of the replicas in sync of one partition that this node leads. */
export interface WantedInSync {
  readonly topicId: string;
  readonly index: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly replicas: readonly { readonly id: number; readonly brokerEpoch: number }[];
}

export interface InSyncAnswer {
  readonly errorCode: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly inSyncReplicas: readonly number[];
}

export interface InSyncRequestsOptions {
  readonly nodeId: number;
  /** Of this broker's registration in force. */
  readonly brokerEpoch: () => number;
  /** Asks the controller that leads. Rejects where none answers. */
  readonly ask: (body: Draft<AlterPartitionRequest>) => Promise<AlterPartitionResponse>;
  readonly pause: (ms: number) => Promise<void>;
  /** True where the same is to be asked again. Anything else ends the wish. */
  readonly onAnswer: (wanted: WantedInSync, answer: InSyncAnswer) => Promise<boolean> | boolean;
  readonly onFailure: (reason: string) => void;
}

const RETRY_MS = 50;
const RECOVERED = 0;

/**
 * Asks the controllers for changes of the replicas in sync, in one request at a time for all
 * partitions. A request that fails as a whole is sent again without end: only the metadata log, by
 * which a partition's wish is replaced or withdrawn, says that it is of no use any more.
 */
export class InSyncRequests {
  readonly #options: InSyncRequestsOptions;
  /** By partition; the latest wish of each. */
  readonly #wanted = new Map<string, WantedInSync>();
  #isRunning = false;
  #isClosed = false;

  constructor(options: InSyncRequestsOptions) {
    this.#options = options;
  }

  /** Resolves once nothing is left to ask, which may be at once where a request is on its way. */
  async want(wanted: WantedInSync): Promise<void> {
    if (this.#isClosed) return;
    this.#wanted.set(keyOf(wanted.topicId, wanted.index), wanted);
    await this.#run();
  }

  /** Ends the wishes that the metadata log has overtaken. */
  withdraw(isOver: (wanted: WantedInSync) => boolean): void {
    for (const [key, wanted] of this.#wanted) {
      if (isOver(wanted)) this.#wanted.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#wanted.clear();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#wanted.size > 0) {
        if (!(await this.#send([...this.#wanted.values()]))) await this.#options.pause(RETRY_MS);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** False where something must be asked again, after a while. */
  async #send(sent: readonly WantedInSync[]): Promise<boolean> {
    const { ask, nodeId, brokerEpoch, onFailure } = this.#options;
    const topics = topicsOf(sent);
    const asked = ask({ brokerId: nodeId, brokerEpoch: brokerEpoch(), topics });
    const response = await takenAnswer(
      asked,
      'the controllers refuse changes of replicas',
      onFailure,
    );
    if (response === null) return false;
    return this.#take(sent, response);
  }

  /** Thousands of answers may come at once, so none waits until what became of another is known. */
  async #take(sent: readonly WantedInSync[], response: AlterPartitionResponse): Promise<boolean> {
    const answers = answersOf(response);
    const isDone = await Promise.all(
      sent.map((wanted) => this.#settle(wanted, answers.get(keyOf(wanted.topicId, wanted.index)))),
    );
    return isDone.every(Boolean);
  }

  /** False where the same must be asked again. */
  async #settle(wanted: WantedInSync, answer: InSyncAnswer | undefined): Promise<boolean> {
    if (this.#isClosed) return true;
    const again = answer === undefined || (await this.#options.onAnswer(wanted, answer));
    const key = keyOf(wanted.topicId, wanted.index);
    if (this.#wanted.get(key) !== wanted) return true;
    if (!again) this.#wanted.delete(key);
    return !again;
  }
}

function keyOf(topicId: string, index: number): string {
  return `${topicId} ${index}`;
}

function topicsOf(sent: readonly WantedInSync[]): AlterPartitionRequest['topics'] {
  const topics = new Map<string, AlterPartitionRequestPartitionData[]>();
  for (const wanted of sent) {
    const known = topics.get(wanted.topicId);
    if (known === undefined) topics.set(wanted.topicId, [partitionOf(wanted)]);
    else known.push(partitionOf(wanted));
  }
  return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }));
}

function partitionOf(wanted: WantedInSync): AlterPartitionRequestPartitionData {
  const { index, leaderEpoch, partitionEpoch, replicas } = wanted;
  return {
    partitionIndex: index,
    leaderEpoch,
    partitionEpoch,
    newIsr: [],
    newIsrWithEpochs: replicas.map(({ id, brokerEpoch }) => ({ brokerId: id, brokerEpoch })),
    // Who leads has recovered, also after an unclean election.
    leaderRecoveryState: RECOVERED,
  };
}

function answersOf({ topics }: AlterPartitionResponse): Map<string, InSyncAnswer> {
  const answers = new Map<string, InSyncAnswer>();
  for (const { topicId, partitions } of topics) {
    for (const { partitionIndex, errorCode, leaderEpoch, partitionEpoch, isr } of partitions) {
      const answer = { errorCode, leaderEpoch, partitionEpoch, inSyncReplicas: isr };
      answers.set(keyOf(topicId, partitionIndex), answer);
    }
  }
  return answers;
}
