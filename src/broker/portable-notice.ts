/**
 * What a broker says at its start where the addon is not loaded. The share was measured with
 * `npm run bench -- --only produce-acks1`: see bench/README.md.
 */
const PRODUCE_SHARE = '@@';

export function portableNotice(reason: string): string {
  return (
    `runs in portable JavaScript, without the native addon (${reason}): about ${PRODUCE_SHARE} of ` +
    'its produce rate, and more memory'
  );
}
