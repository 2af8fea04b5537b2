import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;
const outside = new URL('support/outside-broker.ts', import.meta.url).pathname;

/** The client's tests that need a broker: those of Apache Kafka, and those that start a millrace. */
const NEEDS_BROKER = /MILLRACE_TEST_KAFKA\b|MILLRACE_TEST_SECURED_KAFKA\b|\bstartBroker\b/;

/** Browsers come by the gateway, which only millrace has. */
const IN_BROWSER = 'test/client/browser/';
const NEEDS_GATEWAY = /\bhttpUrl\b/;
/** Users that are told to millrace at its start. Those of Kafka have cases of their own. */
const NEEDS_MILLRACE_USERS = /'millrace\.sasl\.users'/;

const files = readdirSync(join(root, 'test/client'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test/client', name))
  .filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const isOfGateway = path.startsWith(IN_BROWSER) && NEEDS_GATEWAY.test(text);
    return NEEDS_BROKER.test(text) && !isOfGateway && !NEEDS_MILLRACE_USERS.test(text);
  });

/** The client's tests against the broker of MILLRACE_TEST_KAFKA in the place of embedded ones. */
export default defineConfig({
  resolve: {
    alias: [
      { find: '#millrace/broker/start-broker', replacement: outside },
      { find: /^millrace$/, replacement: outside },
    ],
  },
  test: {
    root,
    include: files,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
