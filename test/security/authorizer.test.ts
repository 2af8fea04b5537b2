import { describe, expect, it } from 'vitest';
import {
  ACL_OPERATION,
  ACL_PATTERN,
  ACL_PERMISSION,
  ACL_RESOURCE,
  type AclRule,
} from '#millrace/metadata/acl-rule';
import { Asker } from '#millrace/security/acl/asker';
import { Authorizer } from '#millrace/security/acl/authorizer';

const { LITERAL, PREFIXED } = ACL_PATTERN;
const { ALL, READ, WRITE, DELETE, ALTER, DESCRIBE } = ACL_OPERATION;
const { DESCRIBE_CONFIGS, ALTER_CONFIGS } = ACL_OPERATION;
const { TOPIC, GROUP } = ACL_RESOURCE;
const ALICE = new Asker('User:alice', '10.0.0.1');
const BOB = new Asker('User:bob', '10.0.0.2');

function rule(over: Partial<AclRule> = {}): AclRule {
  return {
    resourceType: TOPIC,
    resourceName: 'orders',
    patternType: LITERAL,
    principal: 'User:alice',
    host: '*',
    operation: READ,
    permission: ACL_PERMISSION.ALLOW,
    ...over,
  };
}

const denial = (over: Partial<AclRule> = {}) => rule({ permission: ACL_PERMISSION.DENY, ...over });

function authorizerOf(rules: readonly AclRule[], allowsWithoutRules = false): Authorizer {
  const authorizer = new Authorizer({ superUsers: new Set(['User:admin']), allowsWithoutRules });
  authorizer.replaceRules(rules);
  return authorizer;
}

describe('Authorizer', () => {
  it('allows what a rule allows, to whom it allows it, and nothing else', () => {
    const authorizer = authorizerOf([rule()]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(true);
    expect(authorizer.allows(ALICE, WRITE, TOPIC, 'orders')).toBe(false);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders2')).toBe(false);
    expect(authorizer.allows(ALICE, READ, GROUP, 'orders')).toBe(false);
    expect(authorizer.allows(BOB, READ, TOPIC, 'orders')).toBe(false);
  });

  it('finds rules by name, by prefix, for all names and for everybody', () => {
    const authorizer = authorizerOf([
      rule({ resourceName: 'pay', patternType: PREFIXED }),
      rule({ resourceName: '*', operation: DESCRIBE }),
      rule({ resourceName: 'open', principal: 'User:*' }),
    ]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'pay')).toBe(true);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'payments')).toBe(true);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'pa')).toBe(false);
    expect(authorizer.allows(ALICE, DESCRIBE, TOPIC, 'whatever')).toBe(true);
    expect(authorizer.allows(BOB, READ, TOPIC, 'open')).toBe(true);
  });

  it('takes a prefix named * for a prefix, and not for every name', () => {
    const authorizer = authorizerOf([rule({ resourceName: '*', patternType: PREFIXED })]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(false);
    expect(authorizer.allows(ALICE, READ, TOPIC, '*orders')).toBe(true);
  });

  it.each([
    ['the name', {}],
    ['a prefix', { resourceName: 'ord', patternType: PREFIXED }],
    ['every name', { resourceName: '*' }],
    ['every operation', { operation: ALL }],
    ['everybody', { principal: 'User:*' }],
  ])('lets a denial of %s go before a permission', (_, over) => {
    const authorizer = authorizerOf([rule(), rule({ resourceName: '*' }), denial(over)]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(false);
  });

  it('holds a rule to its host', () => {
    const authorizer = authorizerOf([rule({ host: '10.0.0.1' })]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(true);
    expect(authorizer.allows(new Asker('User:alice', '10.0.0.9'), READ, TOPIC, 'orders')).toBe(
      false,
    );
  });

  it.each([READ, WRITE, DELETE, ALTER, ALL])('lets permission %i imply DESCRIBE', (operation) => {
    const authorizer = authorizerOf([rule({ operation })]);
    expect(authorizer.allows(ALICE, DESCRIBE, TOPIC, 'orders')).toBe(true);
  });

  it('lets ALTER_CONFIGS imply DESCRIBE_CONFIGS, and not DESCRIBE', () => {
    const authorizer = authorizerOf([rule({ operation: ALTER_CONFIGS })]);
    expect(authorizer.allows(ALICE, DESCRIBE_CONFIGS, TOPIC, 'orders')).toBe(true);
    expect(authorizer.allows(ALICE, DESCRIBE, TOPIC, 'orders')).toBe(false);
  });

  it('denies no description where reading is denied', () => {
    const authorizer = authorizerOf([rule({ operation: DESCRIBE }), denial()]);
    expect(authorizer.allows(ALICE, DESCRIBE, TOPIC, 'orders')).toBe(true);
  });

  it('lets super users do everything, also what is denied', () => {
    const admin = new Asker('User:admin', '10.0.0.1');
    const authorizer = authorizerOf([denial({ principal: 'User:*', operation: ALL })]);
    expect(authorizer.allows(admin, WRITE, TOPIC, 'orders')).toBe(true);
    expect(authorizer.allowsAny(admin, WRITE, TOPIC)).toBe(true);
  });

  it('allows what no rule is about where it is told so', () => {
    const authorizer = authorizerOf([rule()], true);
    expect(authorizer.allows(BOB, READ, TOPIC, 'free')).toBe(true);
    expect(authorizer.allows(BOB, READ, TOPIC, 'orders')).toBe(false);
  });

  it('forgets its decisions when the rules change', () => {
    const authorizer = authorizerOf([]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(false);
    authorizer.replaceRules([rule()]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(true);
    authorizer.replaceRules([]);
    expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(false);
  });

  it('gives the connections of one client one asker, and each client its own', () => {
    const authorizer = authorizerOf([rule({ principal: 'User:al', resourceName: 'iceorders' })]);
    const al = authorizer.askerOf('User:al', '10.0.0.1');
    expect(authorizer.askerOf('User:al', '10.0.0.1')).toBe(al);
    expect(authorizer.askerOf('User:al', '10.0.0.2')).not.toBe(al);
    const alice = authorizer.askerOf('User:alice', '10.0.0.1');
    expect(authorizer.allows(al, READ, TOPIC, 'iceorders')).toBe(true);
    expect(authorizer.allows(alice, READ, TOPIC, 'iceorders')).toBe(false);
    expect(authorizer.allows(alice, READ, TOPIC, 'orders')).toBe(false);
  });

  it('tells questions apart that differ in the operation or in the type alone', () => {
    const authorizer = authorizerOf([rule()]);
    for (let round = 0; round < 2; round++) {
      expect(authorizer.allows(ALICE, READ, TOPIC, 'orders')).toBe(true);
      expect(authorizer.allows(ALICE, WRITE, TOPIC, 'orders')).toBe(false);
      expect(authorizer.allows(ALICE, READ, GROUP, 'orders')).toBe(false);
    }
  });

  it('keeps deciding rightly behind more questions than it remembers', () => {
    const authorizer = authorizerOf([rule({ resourceName: 't', patternType: PREFIXED })]);
    for (let each = 0; each < 120_000; each++) {
      const name = each % 2 === 0 ? `t${each}` : `x${each}`;
      const isRight = authorizer.allows(ALICE, READ, TOPIC, name) === (each % 2 === 0);
      if (!isRight) expect.fail(name);
    }
    expect(authorizer.allows(ALICE, READ, TOPIC, 't0')).toBe(true);
  });
});

describe('Authorizer.allowsAny', () => {
  const write = { operation: WRITE };

  it('needs one resource that nothing takes away', () => {
    expect(authorizerOf([]).allowsAny(ALICE, WRITE, TOPIC)).toBe(false);
    expect(authorizerOf([rule(write)]).allowsAny(ALICE, WRITE, TOPIC)).toBe(true);
    expect(authorizerOf([rule(write)]).allowsAny(BOB, WRITE, TOPIC)).toBe(false);
    expect(authorizerOf([rule(write)]).allowsAny(ALICE, WRITE, GROUP)).toBe(false);
  });

  it.each([
    ['the same name', denial(write)],
    ['a prefix of it', denial({ ...write, resourceName: 'ord', patternType: PREFIXED })],
    ['every name', denial({ ...write, resourceName: '*' })],
    ['every operation', denial({ operation: ALL })],
  ])('is refused where %s is denied', (_, taken) => {
    expect(authorizerOf([rule(write), taken]).allowsAny(ALICE, WRITE, TOPIC)).toBe(false);
  });

  it('is allowed where only a part of a prefix is denied', () => {
    const prefix = rule({ ...write, resourceName: 'ord', patternType: PREFIXED });
    const authorizer = authorizerOf([prefix, denial(write)]);
    expect(authorizer.allowsAny(ALICE, WRITE, TOPIC)).toBe(true);
  });
});
