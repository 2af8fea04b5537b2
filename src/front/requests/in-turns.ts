import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/next-turn.ts';

/** Of one turn of the event loop: with what a request costs else it stays well under 50 ms. */
const TURN_MS = 4;
/** Items between two looks at the clock. */
const STRIDE = 64;

/**
 * `items.map(answer)` for a list that a request made as long as it liked: some of them in each turn
 * of the event loop, so that nobody else waits for all.
 */
export async function mapInTurns<Item, Answer>(
  items: readonly Item[],
  clock: Clock,
  answer: (item: Item, index: number) => Answer,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let untilMs = clock.monotonicMs() + TURN_MS;
  for (const [index, item] of items.entries()) {
    answers.push(answer(item, index));
    if (index % STRIDE !== STRIDE - 1 || clock.monotonicMs() < untilMs) continue;
    await nextTurn();
    untilMs = clock.monotonicMs() + TURN_MS;
  }
  return answers;
}
