import { describe, expect, it } from 'vitest';
import { distinguishedName } from '#millrace/security/tls/distinguished-name';
import { PrincipalMapping } from '#millrace/security/tls/principal-mapping';

describe('PrincipalMapping', () => {
  it.each([
    ['DEFAULT', 'CN=alice,OU=sales', 'CN=alice,OU=sales'],
    ['RULE:^CN=([^,]*),.*$/$1/', 'CN=alice,OU=sales', 'alice'],
    ['RULE:^CN=([^,]*),.*$/$1/U', 'CN=alice,OU=sales', 'ALICE'],
    ['RULE:^CN=([^,]*),.*$/$1@x/L', 'CN=Alice,OU=sales', 'alice@x'],
    ['RULE:^OU=.*$/never/, RULE:^CN=([a-z]+)$/$1/, DEFAULT', 'CN=bob', 'bob'],
    ['RULE:^OU=.*$/never/, DEFAULT', 'CN=bob', 'CN=bob'],
    ['RULE:^CN=([^,]*),OU=([^,]*)$/$2.$1/', 'CN=a,OU=b', 'b.a'],
    ['RULE:^CN=a\\/b$/slash/', 'CN=a/b', 'slash'],
    ['RULE:CN=a/part/', 'CN=ab', null],
  ])('%s makes of %s the user %s', (rules, name, user) => {
    expect(PrincipalMapping.parse(rules).userOf(name)).toBe(user);
  });

  it.each(['RULE:^CN=(/$1/', 'RULE:nothing', 'default', ''])('refuses %j', (rules) => {
    expect(() => PrincipalMapping.parse(rules)).toThrow('ssl.principal.mapping.rules');
  });
});

describe('distinguishedName', () => {
  it('has the most specific part first, as Java has it', () => {
    expect(distinguishedName('C=AT\nO=millrace\nCN=alice')).toBe('CN=alice,O=millrace,C=AT');
  });
});
