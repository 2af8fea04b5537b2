/** Kafka's rules for the names of topics. */
const NAME_CHARS_MAX = 249;

const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
]);

/** What is wrong with a name, in Kafka's words, or null when it is legal. */
export function errorOfTopicName(name: string): string | null {
  const why = reasonAgainst(name);
  return why === null ? null : `Topic name is invalid: ${why}`;
}

function reasonAgainst(name: string): string | null {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return `'${name}' is not allowed`;
  if (name.length > NAME_CHARS_MAX) {
    return `the length of '${name}' is longer than the max allowed length ${NAME_CHARS_MAX}`;
  }
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return null;
  const allowed = "other than ASCII alphanumerics, '.', '_' and '-'";
  return `'${name}' contains one or more characters ${allowed}`;
}

export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name);
}

/** Names that differ only in '.' and '_' would get the same metric name. */
export function collisionForm(name: string): string {
  return name.replaceAll('.', '_');
}
