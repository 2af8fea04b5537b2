import { clusterFeatures } from '../../broker/features.ts';

/** The features that a new cluster of Kafka 4.3 finalizes. */
const FINALIZED_BY_KAFKA: readonly string[] = [
  'metadata.version',
  'group.version',
  'transaction.version',
  'share.version',
  'streams.version',
  'eligible.leader.replicas.version',
];
const RELEASE = '4.3';

const EXPLAINED = `ID is what kafka-storage.sh random-uuid prints. The features at 0 are those that
this version of millrace does not serve: a cluster that has them on takes no broker that lacks them.
A running cluster switches one off by kafka-features.sh downgrade --feature NAME=0. The directory of
a millrace broker needs no formatting: an empty one joins the cluster of its controllers.
`;

/** `millrace cluster format-help`: how the controllers must be formatted to take this broker. */
export async function formatHelp(): Promise<number> {
  const served = new Set(clusterFeatures.map(({ name }) => name));
  const missing = FINALIZED_BY_KAFKA.filter((name) => !served.has(name));
  const features = missing.map((name) => ` --feature ${name}=0`).join('');
  const format = `kafka-storage.sh format --cluster-id ID --release-version ${RELEASE}${features}`;
  process.stdout.write(`Format every controller of a new cluster like this, with one ID for all:

  ${format} --config controller.properties

${EXPLAINED}`);
  return 0;
}
