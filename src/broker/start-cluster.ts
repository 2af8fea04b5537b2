import type { EmbeddedCluster, StartClusterOptions } from '../cluster/embedded/embedded-cluster.ts';

/**
 * Starts brokers of millrace beside controllers of Apache Kafka, which need Java 17 and, the first
 * time, Maven. Resolves once clients can connect to all brokers. Throws the reason that
 * `whyNoCluster` tells where it cannot.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<EmbeddedCluster> {
  const { EmbeddedCluster } = await import('../cluster/embedded/embedded-cluster.ts');
  return EmbeddedCluster.start(options);
}

/** Why this machine can start no cluster, for tests that are skipped then; null where it can. */
export async function whyNoCluster(): Promise<string | null> {
  const { whyNoKafka } = await import('../cluster/embedded/kafka-jars.ts');
  return whyNoKafka();
}
