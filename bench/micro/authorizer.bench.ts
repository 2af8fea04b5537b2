/** What a question to the authorizer costs: asked before, with ten and a thousand rules, and new. */
import {
  ACL_OPERATION,
  ACL_PATTERN,
  ACL_PERMISSION,
  ACL_RESOURCE,
} from '#millrace/metadata/acl-rule';
import { Authorizer } from '#millrace/security/acl/authorizer';
import { hashOf } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

const OPERATIONS = 100_000;
const TOPICS = 16;

function rulesOf(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    resourceType: ACL_RESOURCE.TOPIC,
    resourceName: `topic-${i}`,
    patternType: i % 10 === 9 ? ACL_PATTERN.PREFIXED : ACL_PATTERN.LITERAL,
    principal: `User:user-${i % 50}`,
    host: '*',
    operation: ACL_OPERATION.WRITE,
    permission: ACL_PERMISSION.ALLOW,
  }));
}

function task(rules: number, isNew: boolean, operations: number): MicroTask {
  const authorizer = new Authorizer({ superUsers: new Set(), allowsWithoutRules: false });
  authorizer.replaceRules(rulesOf(rules));
  const asker = authorizer.askerOf('User:user-0', '127.0.0.1');
  const names = Array.from({ length: isNew ? operations : TOPICS }, (_, i) => `topic-${i * 50}`);
  const run = (): void => {
    if (isNew) authorizer.replaceRules(rulesOf(rules));
    let allowed = 0;
    for (let done = 0; done < operations; done++) {
      const name = names[done % names.length]!;
      if (authorizer.allows(asker, ACL_OPERATION.WRITE, ACL_RESOURCE.TOPIC, name)) allowed++;
    }
    if (allowed === 0) throw new Error('nothing was allowed');
  };
  const kind = isNew ? 'new' : 'asked before';
  return { name: `${rules} rules, ${kind}`, operations, bytes: 0, run };
}

export const bench: MicroBench = {
  name: 'authorizer',
  prepare(smoke) {
    const operations = smoke ? TOPICS : OPERATIONS;
    return {
      hash: hashOf(Buffer.from(JSON.stringify(rulesOf(1000)))),
      tasks: [
        task(10, false, operations),
        task(1000, false, operations),
        task(1000, true, operations),
      ],
    };
  },
};
