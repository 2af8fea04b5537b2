/** The version of Fetch between brokers, from a level of metadata.version on. The latest first. */
const VERSIONS: readonly (readonly [level: number, version: number])[] = [
  [27, 18],
  [21, 17],
  [19, 16],
  [10, 15],
  [9, 14],
];
/** Topics have ids in every cluster with controllers. */
const OLDEST = 13;

/** Brokers of a version that does not know more may lead, too. */
export function fetchVersion(metadataVersion: number): number {
  return VERSIONS.find(([level]) => metadataVersion >= level)?.[1] ?? OLDEST;
}
