import { reasonOf } from '../../base/errors.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';

/**
 * What a controller answers; null, after `onFailure` is told why, where none answers or where it
 * refuses the request as a whole. `refusal` says what is refused.
 */
export async function takenAnswer<Answer extends { readonly errorCode: number }>(
  asked: Promise<Answer>,
  refusal: string,
  onFailure: (reason: string) => void,
): Promise<Answer | null> {
  let answer: Answer;
  try {
    answer = await asked;
  } catch (thrown) {
    onFailure(`no controller answers: ${reasonOf(thrown)}`);
    return null;
  }
  if (answer.errorCode === ERROR.NONE) return answer;
  onFailure(`${refusal}: ${errorName(answer.errorCode)}`);
  return null;
}
