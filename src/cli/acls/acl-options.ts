import type { OptionTable } from '../command.ts';

/** Which resources: the names of kafka-acls, whose words work here too. */
export const RESOURCES: OptionTable = {
  topic: { value: 'NAME', repeatable: true, help: "a topic; '*' is every one" },
  group: { value: 'NAME', repeatable: true, help: "a group; '*' is every one" },
  cluster: { help: 'the cluster' },
  'transactional-id': {
    value: 'ID',
    repeatable: true,
    help: "a transactional id; '*' is every one",
  },
  'delegation-token': { value: 'ID', repeatable: true, help: "a token; '*' is every one" },
  'user-principal': { value: 'USER', repeatable: true, help: 'a user, whose tokens it is about' },
  'resource-pattern-type': {
    value: 'TYPE',
    help: 'literal or prefixed; to find rules also any and match; literal',
  },
};

/** Whom a rule is for, and what it allows or denies. */
export const ENTRIES: OptionTable = {
  'allow-principal': { value: 'USER', repeatable: true, help: "User:alice; User:'*' is everybody" },
  'deny-principal': { value: 'USER', repeatable: true, help: 'the same, to deny it' },
  'allow-host': { value: 'ADDRESS', repeatable: true, help: 'only from there; from everywhere' },
  'deny-host': { value: 'ADDRESS', repeatable: true, help: 'the same, for what is denied' },
  operation: { value: 'NAME', repeatable: true, help: 'Read, Write, Create, …; All' },
  producer: { help: 'what a producer needs on these topics and transactional ids' },
  consumer: { help: 'what a consumer needs on these topics and groups' },
  idempotent: { help: 'with --producer: idempotent writes, for brokers before 3.0' },
};
