import { expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

test('cluster format-help tells the features that the controllers must leave off', async () => {
  const { code, out } = await runCli(['cluster', 'format-help']);
  expect(code).toBe(0);
  expect(out).toContain(
    'kafka-storage.sh format --cluster-id ID --release-version 4.3 ' +
      '--feature share.version=0 --config controller.properties',
  );
});
