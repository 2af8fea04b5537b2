/** The subprotocols of a WebSocket: see the README. */
export const SUBPROTOCOLS = ['millrace.json', 'millrace.batch', 'kafka'] as const;

/**
 * The first name that both sides know. Answers '' if the client names none, undefined if the broker
 * knows none of its names.
 */
export function chooseSubprotocol(asked: string): string | undefined {
  if (asked === '') return '';
  const known: readonly string[] = SUBPROTOCOLS;
  return asked
    .split(',')
    .map((name) => name.trim())
    .find((name) => known.includes(name));
}
