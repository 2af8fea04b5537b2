import { MillraceError } from '../../base/errors.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import type { ControlAnswer, ControlCommand } from '../../exchange/control.ts';
import type { FetchResponseEpochEndOffset } from '../../protocol/schema/01-fetch.ts';
import type { FetchedPartition } from '../../replication/fetched-partition.ts';
import type { FollowedPartition } from './followed-partition.ts';
import type { LeaderQuestions } from './leader-questions.ts';
import type { ReplicaServices } from './replica-services.ts';

type Change = ControlCommand<'cut'> | ControlCommand<'cut-at'> | ControlCommand<'begin-anew'>;

/**
 * Makes logs of followers fit that of their leader. Nothing is asked about a partition meanwhile.
 * Every call rejects where it must be tried again after a while.
 */
export class LogChanges {
  readonly #questions: LeaderQuestions;
  readonly #services: ReplicaServices;

  constructor(questions: LeaderQuestions, services: ReplicaServices) {
    this.#questions = questions;
    this.#services = services;
  }

  /** The logs last agreed in an epoch, which ends there in the leader's. */
  async cut(
    partition: FollowedPartition,
    fetched: FetchedPartition,
    { epoch, endOffset }: FetchResponseEpochEndOffset,
  ): Promise<void> {
    fetched.waitsUntilMs = Number.POSITIVE_INFINITY;
    const { slot } = partition.mirror;
    const { leaderEpoch } = fetched;
    const isChanged = await this.#change(partition, fetched, {
      kind: 'cut',
      slot,
      leaderEpoch,
      epoch,
      endOffset,
    });
    // The same question would get the same answer.
    if (!isChanged) throw failure(`it agrees up to ${endOffset} of epoch ${epoch} and diverges`);
    fetched.waitsUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** What was asked for is not in the leader's log. */
  async place(partition: FollowedPartition, fetched: FetchedPartition): Promise<void> {
    fetched.waitsUntilMs = Number.POSITIVE_INFINITY;
    const { errorCode, startOffset, endOffset } = await this.#questions.bounds(partition);
    if (errorCode === ERROR.FENCED_LEADER_EPOCH) fetched.isStopped = true;
    if (errorCode !== ERROR.NONE)
      throw failure(`it does not say its bounds: ${errorName(errorCode)}`);
    const { slot } = partition.mirror;
    const { leaderEpoch } = fetched;
    const { step, offset } = fetched.place(startOffset, endOffset);
    if (step === 'truncate') {
      await this.#change(partition, fetched, { kind: 'cut-at', slot, leaderEpoch, offset });
    } else if (step === 'start-anew') {
      await this.#change(partition, fetched, { kind: 'begin-anew', slot, leaderEpoch, offset });
    }
    fetched.waitsUntilMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Whether the log ends elsewhere now. Nothing is copied to it before the checkpoint files say so:
   * by an older recovery point a start after a power loss would trust what was not synced.
   */
  async #change(
    { mirror }: FollowedPartition,
    fetched: FetchedPartition,
    command: Change,
  ): Promise<boolean> {
    mirror.dropReader();
    const answer: ControlAnswer<'cut'> = await this.#services.workers.control(
      mirror.worker,
      command,
    );
    if (answer.error !== 0) throw failure(answer.reason);
    const { logEndOffset, latestEpoch } = answer;
    const isChanged =
      logEndOffset !== fetched.fetchOffset || latestEpoch !== fetched.lastFetchedEpoch;
    if (isChanged) await this.#services.saveCheckpoints();
    fetched.logEndsAt(logEndOffset, latestEpoch);
    return isChanged;
  }
}

function failure(reason: string): MillraceError {
  return new MillraceError('MILLRACE_REQUEST_FAILED', reason);
}
