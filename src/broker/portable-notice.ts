/**
 * What a broker says at its start where the addon is not loaded. What it costs was measured with
 * 16 KB batches and acks=1: see bench/README.md.
 */
const COST = 'half the produce rate, and answers to fetches are held in memory';

export function portableNotice(reason: string): string {
  return `runs in portable JavaScript, without the native addon (${reason}): ${COST}`;
}
