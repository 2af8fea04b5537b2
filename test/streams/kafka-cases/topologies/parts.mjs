/** What Kafka's tests have in common: their topics, and the functions of their mocks. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { int32, int64 } from '#millrace/streams/serde/numbers';

export const BOTH_TEXT = { key: text, value: text };

export const texts = (name) => topic(name, { key: text, value: text });
/** Keys are numbers, values texts. */
export const numbered = (name) => topic(name, { key: int32, value: text });
export const numbers = (name) => topic(name, { key: int32, value: int32 });
export const counted = (name) => topic(name, { key: text, value: int32 });
export const longs = (name) => topic(name, { key: int32, value: int64 });

/** MockValueJoiner.TOSTRING_JOINER. */
export const both = (one, other) => `${one}+${other}`;
/** MockInitializer.STRING_INIT. */
export const zero = () => '0';
/** MockAggregator.TOSTRING_ADDER and TOSTRING_REMOVER. */
export const adding = (aggregate, value) => `${aggregate}+${value}`;
export const removing = (aggregate, value) => `${aggregate}-${value}`;
/** MockReducer.STRING_ADDER. */
export const joined = (one, other) => `${one}+${other}`;

/** Cases that build the same. */
export function same(names, build) {
  return Object.fromEntries(names.map((name) => [name, build]));
}
