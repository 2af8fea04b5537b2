import { ERROR } from '../../base/kafka-errors.ts';
import type { Draft } from '../../protocol/frames.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../protocol/schema/73-assign-replicas-to-dirs.ts';
import { takenAnswer } from './taken-answer.ts';

/** This node's replica of a partition lies in the directory with that id. */
export interface WantedDirectory {
  readonly topicId: string;
  readonly index: number;
  readonly directoryId: string;
}

export interface DirectoryRequestsOptions {
  readonly nodeId: number;
  /** Of this broker's registration in force. */
  readonly brokerEpoch: () => number;
  /** Asks the controller that leads. Rejects where none answers. */
  readonly ask: (body: Draft<AssignReplicasToDirsRequest>) => Promise<AssignReplicasToDirsResponse>;
  /** Whether this node still holds the partition. */
  readonly isHeld: (wanted: WantedDirectory) => boolean;
  readonly pause: (ms: number) => Promise<void>;
  readonly onFailure: (reason: string) => void;
}

interface OpenWish {
  readonly wanted: WantedDirectory;
  readonly told: Promise<boolean>;
  readonly end: (isTold: boolean) => void;
}

/** As Kafka's brokers ask, and how long they wait before they ask again. */
const PARTITIONS_MAX = 2250;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 10_000;

/**
 * Tells the controllers which directories replicas lie in (KIP-858), in one request at a time, and
 * again until they have taken it.
 */
export class DirectoryRequests {
  readonly #options: DirectoryRequestsOptions;
  /** By partition; the latest of each. */
  readonly #open = new Map<string, OpenWish>();
  #isRunning = false;
  #isClosed = false;

  constructor(options: DirectoryRequestsOptions) {
    this.#options = options;
  }

  /** Resolves with true once the controllers know, with false where it is of no use any more. */
  tell(wanted: WantedDirectory): Promise<boolean> {
    const key = keyOf(wanted.topicId, wanted.index);
    const known = this.#open.get(key);
    if (known?.wanted.directoryId === wanted.directoryId) return known.told;
    known?.end(false);
    if (this.#isClosed) return Promise.resolve(false);
    let end = (_: boolean): void => {};
    const told = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    this.#open.set(key, { wanted, told, end });
    return told;
  }

  close(): void {
    this.#isClosed = true;
    for (const { end } of this.#open.values()) end(false);
    this.#open.clear();
  }

  /** Sends what there is to tell. Resolves once nothing is left of it, or at once where it runs. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let retryMs = RETRY_MIN_MS;
    try {
      while (this.#open.size > 0) {
        if (await this.#send(this.#next())) {
          retryMs = RETRY_MIN_MS;
          continue;
        }
        await this.#options.pause(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Drops what is of no use any more. */
  #next(): OpenWish[] {
    const sent: OpenWish[] = [];
    for (const [key, wish] of this.#open) {
      if (sent.length === PARTITIONS_MAX) break;
      if (this.#options.isHeld(wish.wanted)) {
        sent.push(wish);
        continue;
      }
      this.#open.delete(key);
      wish.end(false);
    }
    return sent;
  }

  /** False where something must be asked again, after a while. */
  async #send(sent: readonly OpenWish[]): Promise<boolean> {
    if (sent.length === 0) return true;
    const { ask, nodeId, brokerEpoch, onFailure } = this.#options;
    const directories = directoriesOf(sent.map(({ wanted }) => wanted));
    const asked = ask({ brokerId: nodeId, brokerEpoch: brokerEpoch(), directories });
    const response = await takenAnswer(asked, 'the controllers do not take directories', onFailure);
    if (response === null) return false;
    const taken = takenOf(response);
    let isAllTaken = true;
    for (const wish of sent) {
      const key = keyOf(wish.wanted.topicId, wish.wanted.index);
      if (!taken.has(key)) isAllTaken = false;
      else if (this.#open.get(key) === wish) this.#open.delete(key);
      if (taken.has(key)) wish.end(true);
    }
    return isAllTaken;
  }
}

function keyOf(topicId: string, index: number): string {
  return `${topicId} ${index}`;
}

function directoriesOf(
  wanted: readonly WantedDirectory[],
): AssignReplicasToDirsRequest['directories'] {
  const byDirectory = new Map<string, Map<string, { partitionIndex: number }[]>>();
  for (const { topicId, index, directoryId } of wanted) {
    const topics = byDirectory.get(directoryId) ?? new Map<string, { partitionIndex: number }[]>();
    byDirectory.set(directoryId, topics);
    const partitions = topics.get(topicId) ?? [];
    topics.set(topicId, partitions);
    partitions.push({ partitionIndex: index });
  }
  return Array.from(byDirectory, ([id, topics]) => ({
    id,
    topics: Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions })),
  }));
}

/** The partitions without an error. */
function takenOf({ directories }: AssignReplicasToDirsResponse): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { topics } of directories) {
    for (const { topicId, partitions } of topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        if (errorCode === ERROR.NONE) taken.add(keyOf(topicId, partitionIndex));
      }
    }
  }
  return taken;
}
