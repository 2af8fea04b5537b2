import type { ApiKey } from '../../protocol/api-keys.ts';
import type { AnswerHandler } from './connection-settings.ts';

/** A request that is on its way, until its answer is here. */
export interface PendingAnswer {
  readonly apiKey: ApiKey;
  readonly correlationId: number;
  readonly handler: AnswerHandler;
  readonly sentMs: number;
  readonly deadlineMs: number;
}

/** A request that waits until its connection has authenticated again. */
export interface HeldRequest {
  readonly apiKey: ApiKey;
  readonly chunks: readonly Buffer[];
  readonly handler: AnswerHandler;
  readonly timeoutMs: number;
}
