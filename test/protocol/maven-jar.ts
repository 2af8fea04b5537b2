import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const KAFKA_VERSION = '4.3.1';
const MAVEN_LIMIT_MS = 100_000;

/** The path of a jar in Maven's local repository, fetched if need be; null if it cannot be. */
export function mavenJar(group: string, artifact: string, version: string): string | null {
  const folder = join(homedir(), '.m2', 'repository', ...group.split('.'), artifact, version);
  const jar = join(folder, `${artifact}-${version}.jar`);
  if (!existsSync(jar)) {
    const coordinates = `-Dartifact=${group}:${artifact}:${version}`;
    const args = ['-q', '-B', 'dependency:get', coordinates];
    spawnSync('mvn', args, { timeout: MAVEN_LIMIT_MS, stdio: 'ignore' });
  }
  return existsSync(jar) ? jar : null;
}
