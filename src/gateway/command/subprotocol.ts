/** What can be spoken over a WebSocket: see the README. */
export const SUBPROTOCOLS = ['millrace.json', 'millrace.batch', 'kafka'] as const;

/** The first that both know; '' where the client names none, undefined where it knows no other. */
export function chooseSubprotocol(asked: string): string | undefined {
  if (asked === '') return '';
  const known: readonly string[] = SUBPROTOCOLS;
  return asked
    .split(',')
    .map((name) => name.trim())
    .find((name) => known.includes(name));
}
