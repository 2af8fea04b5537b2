/** The functions that a case may name. `JudgedFunctions.java` has the same. */

const LIMIT = 40;

/** As Java's String.valueOf. */
export function text(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return String(value);
  return `[${text(value.key)}@${value.window.start}/${value.window.end}]`;
}

/** The last characters, so that aggregates stay small. */
export function bounded(value) {
  return value.length <= LIMIT ? value : value.slice(-LIMIT);
}

export const PREDICATES = {
  evenLength: (_key, value) => text(value).length % 2 === 0,
  evenKey: (key) => text(key).length % 2 === 0,
  lastBelowM: (_key, value) => text(value) !== '' && text(value).at(-1) < 'm',
  never: () => false,
};

export const VALUE_MAPPERS = {
  upper: (_key, value) => text(value).toUpperCase(),
  append: (_key, value) => bounded(`${text(value)}!`),
  withKey: (key, value) => bounded(`${text(key)}:${text(value)}`),
  nullIfEven: (_key, value) => (text(value).length % 2 === 0 ? null : text(value)),
};

export const KEY_MAPPERS = {
  firstOfValue: (_key, value) => text(value).slice(0, 1),
  firstOfKey: (key) => text(key).slice(0, 1),
  keyText: (key) => text(key),
  nullIfEven: (key, value) => (text(value).length % 2 === 0 ? null : text(key)),
};

export const FLAT_MAPPERS = {
  twice: (_key, value) => [bounded(`${text(value)}1`), bounded(`${text(value)}2`)],
  letters: (_key, value) => [...text(value)],
  none: () => [],
};

export function join(left, right) {
  return bounded(`${text(left)}+${text(right)}`);
}

export function add(_key, value, sum) {
  return bounded(text(sum) + text(value));
}

export function subtract(_key, value, sum) {
  return bounded(`${text(sum)}-${text(value)}`);
}

export function mergeSessions(_key, left, right) {
  return bounded(`${text(left)}&${text(right)}`);
}
