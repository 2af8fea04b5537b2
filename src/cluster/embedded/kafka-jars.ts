import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError, reasonOf } from '../../base/errors.ts';

const VERSION = '4.3.1';
const JAVA_LEAST = 17;
const DOWNLOAD_LIMIT_MS = 600_000;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const run = promisify(execFile);

/** Why no cluster can be started on this machine; null where one can. */
export async function whyNoKafka(): Promise<string | null> {
  let told: string;
  try {
    told = (await run('java', ['-version'])).stderr;
  } catch (thrown) {
    return `Apache Kafka's controllers need java: ${reasonOf(thrown)}`;
  }
  const version = Number(/version "(\d+)/.exec(told)?.[1] ?? 0);
  if (version < JAVA_LEAST) {
    return `Apache Kafka's controllers need Java ${JAVA_LEAST}, and java is of version ${version}`;
  }
  if (await exists(jarsFolder())) return null;
  try {
    await run('mvn', ['--version']);
  } catch (thrown) {
    const missing = `the jars of Apache Kafka's controllers are not in ${jarsFolder()}`;
    return `${missing}, and mvn, which would fetch them, does not run: ${reasonOf(thrown)}`;
  }
  return null;
}

/**
 * The class path of Kafka's controllers. The jars come through Maven once, into the user's cache.
 * Or the folder that `MILLRACE_KAFKA_JARS` names has them.
 */
export async function kafkaClassPath(): Promise<string> {
  const reason = await whyNoKafka();
  if (reason !== null) throw new MillraceError('MILLRACE_REQUEST_FAILED', reason);
  const folder = jarsFolder();
  if (!(await exists(folder))) await download(folder);
  return join(folder, '*');
}

function jarsFolder(): string {
  const named = process.env.MILLRACE_KAFKA_JARS;
  if (named !== undefined && named !== '') return named;
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'millrace', `kafka-${VERSION}`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Into a folder beside it, so that a download cut short leaves none. */
async function download(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
  try {
    const pom = join(scratch, 'pom.xml');
    await writeFile(pom, pomText());
    await mkdir(join(folder, '..'), { recursive: true });
    const part = `${folder}.${process.pid}`;
    const args = ['-B', '-q', '-f', pom, COPY, `-DoutputDirectory=${part}`];
    await run('mvn', [...args, '-DincludeScope=runtime'], { timeout: DOWNLOAD_LIMIT_MS });
    await rename(part, folder);
  } catch (thrown) {
    const message = `the jars of Kafka ${VERSION} cannot be had: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_REQUEST_FAILED', message, thrown);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function pomText(): string {
  const dependencies = [
    ['org.apache.kafka', 'kafka_2.13', VERSION],
    ['org.slf4j', 'slf4j-simple', '1.7.36'],
  ].map(([group, artifact, version]) => {
    const of = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`;
    return `<dependency>${of}<version>${version}</version></dependency>`;
  });
  const own = '<groupId>millrace</groupId><artifactId>kafka</artifactId><version>1</version>';
  const model = '<modelVersion>4.0.0</modelVersion>';
  return `<project>${model}${own}<dependencies>${dependencies.join('')}</dependencies></project>`;
}
