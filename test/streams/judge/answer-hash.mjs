import { createHash } from 'node:crypto';

/** By which an answer is known again. */
export function answerHash(answer) {
  return createHash('sha256').update(JSON.stringify(answer)).digest('hex').slice(0, 16);
}
