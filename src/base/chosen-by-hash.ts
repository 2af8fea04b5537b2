/** Of it there is no absolute value in 32 bits; Kafka takes 0. */
const LOWEST = -(2 ** 31);

/** One of `count`, as Kafka chooses it by a signed hash of 32 bits. */
export function chosenByHash(hash: number, count: number): number {
  return (hash === LOWEST ? 0 : Math.abs(hash)) % count;
}
