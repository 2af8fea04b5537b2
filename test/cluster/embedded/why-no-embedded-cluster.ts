import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoCluster } from 'millrace';

/** Those that conformance checks have fetched: a test of its own downloads nothing. */
const ROOT = join(import.meta.dirname, '..', '..', '..');
const CACHE =
  process.env.MILLRACE_CONFORMANCE_CACHE ??
  join(ROOT, 'node_modules', '.cache', 'millrace-conformance');
const NO_JARS = 'no jars of Kafka: npm run conformance -- --only cluster-divergence fetches them';

/** Why no cluster can run here; null where one can. Names the jars for `startCluster`. */
export async function whyNoEmbeddedCluster(): Promise<string | null> {
  process.env.MILLRACE_KAFKA_JARS ??= join(CACHE, 'jars');
  return existsSync(process.env.MILLRACE_KAFKA_JARS) ? await whyNoCluster() : NO_JARS;
}
