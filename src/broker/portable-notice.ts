/** What a broker says at its start where the addon is not loaded: see bench/README.md. */
const COST = 'about half the produce rate, and six tenths of the rate of fetches that catch up';

export function portableNotice(reason: string): string {
  return `runs in portable JavaScript, without the native addon (${reason}): ${COST}`;
}
