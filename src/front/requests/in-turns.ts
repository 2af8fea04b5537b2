import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/next-turn.ts';

/** A share of one turn of the event loop. The whole turn stays well under 50 ms with it. */
const TURN_MS = 4;
/** Items between two readings of the clock. */
const STRIDE = 64;

/**
 * `items.map(answer)` for a list whose length a client chooses. It handles some items in each turn
 * of the event loop, so that other clients are served in between.
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
