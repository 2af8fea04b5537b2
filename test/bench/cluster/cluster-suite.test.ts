import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { runClusterSuite } from '../../../bench/cluster/cluster-suite.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('skips the cluster suite with the reason where there is no Java', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'millrace-no-java-'));
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.stubEnv('PATH', empty);
  try {
    await runClusterSuite(['--suite', 'cluster']);
  } finally {
    await rm(empty, { recursive: true });
  }
  expect(said).toEqual([
    "skipped: the controllers are Apache Kafka's, and java is not installed\n",
  ]);
});
