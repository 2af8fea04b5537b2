import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { PlainServer } from '../../../src/security/sasl/plain-server.ts';
import { PlainUsers } from '../../../src/security/sasl/plain-users.ts';
import { SaslListener } from '../../../src/security/sasl/sasl-listener.ts';
import type { SaslSession } from '../../../src/security/sasl/sasl-session.ts';

const LIMITS = { receiveBytesMax: 1000, failureDelayMs: 0, timeoutMs: 1000 };
const users = new PlainUsers(
  new Map([
    ['alice', 'secret'],
    ['bob', 'other'],
  ]),
);

function open(sessionMsMax = 0): { clock: ManualClock; session: SaslSession } {
  const clock = new ManualClock(0);
  const offer = (name: string) => ({ name, sessionMsMax, open: () => new PlainServer(users) });
  const session = new SaslListener([offer('PLAIN'), offer('LIKE-PLAIN')], LIMITS, clock).open();
  return { clock, session };
}

function login(session: SaslSession, user = 'alice', password = 'secret', mechanism = 'PLAIN') {
  expect(session.choose(mechanism, true)).toBe(true);
  return session.answer(Buffer.from(`\0${user}\0${password}`));
}

describe('a session', () => {
  it('takes versions, then a mechanism, then tokens', () => {
    const { session } = open();
    expect([session.mayAskVersions, session.mayShakeHands, session.maySendTokens]).toEqual([
      true,
      true,
      false,
    ]);
    session.onVersionsTold();
    expect([session.mayAskVersions, session.mayShakeHands]).toEqual([false, true]);
    session.choose('PLAIN', true);
    expect([session.mayShakeHands, session.maySendTokens]).toEqual([false, true]);
    session.answer(Buffer.from('\0alice\0secret'));
    expect([session.isDone, session.user, session.mechanism]).toEqual([true, 'alice', 'PLAIN']);
  });

  it('takes nothing after a mechanism that is not offered, a wrong password or bad order', () => {
    const unknown = open().session;
    expect(unknown.choose('GSSAPI', true)).toBe(false);
    const wrong = open().session;
    expect(login(wrong, 'alice', 'secreT')).toMatchObject({ kind: 'failed', isSilent: false });
    const unordered = open().session;
    unordered.choose('PLAIN', true);
    unordered.fail();
    for (const session of [unknown, wrong, unordered]) {
      const { mayAskVersions, mayShakeHands, maySendTokens, takesRawTokens, isDone } = session;
      expect([mayAskVersions, mayShakeHands, maySendTokens, takesRawTokens, isDone]).toEqual([
        false,
        false,
        false,
        false,
        false,
      ]);
    }
  });

  it('answers an unknown user as one with a wrong password', () => {
    const wrong = login(open().session, 'alice', 'x');
    expect(login(open().session, 'nobody', 'x')).toEqual(wrong);
  });

  it('takes frames as tokens after the old handshake, and fails without an answer', () => {
    const { session } = open();
    session.choose('PLAIN', false);
    expect([session.takesRawTokens, session.maySendTokens]).toEqual([true, false]);
    expect(session.answer(Buffer.from('x'))).toMatchObject({ kind: 'failed', isSilent: true });
  });

  it('has no end without connections.max.reauth.ms, and no second authentication', () => {
    const { session, clock } = open();
    expect(login(session)).toMatchObject({ kind: 'done', lifetimeMs: 0 });
    clock.advance(1e12);
    expect([session.isOver, session.restart()]).toEqual([false, false]);
  });

  it('ends after its time, and goes on after another authentication', () => {
    const { session, clock } = open(5000);
    expect(login(session)).toMatchObject({ kind: 'done', lifetimeMs: 5000 });
    clock.advance(5001);
    expect(session.isOver).toBe(true);
    expect(session.restart()).toBe(true);
    expect(session.mayAskVersions).toBe(false);
    expect(login(session)).toMatchObject({ kind: 'done', lifetimeMs: 5000 });
    expect(session.isOver).toBe(false);
    expect(session.restart()).toBe(false);
    clock.advance(1000);
    expect(session.restart()).toBe(true);
  });

  it('goes on with no other user and no other mechanism', () => {
    const { session } = open(5000);
    login(session);
    session.restart();
    expect(login(session, 'bob', 'other')).toMatchObject({
      message: 'Cannot change principals during re-authentication from User.alice: User.bob',
    });
    const another = open(5000).session;
    login(another);
    another.restart();
    expect(login(another, 'alice', 'secret', 'LIKE-PLAIN')).toEqual({
      kind: 'failed',
      message:
        "SASL mechanism 'LIKE-PLAIN' requested by client is not supported for " +
        "re-authentication of mechanism 'PLAIN'",
      isSilent: true,
    });
  });

  it('is over at once when its credential is taken away', () => {
    const { session } = open();
    login(session);
    session.revoke();
    expect(session.isOver).toBe(true);
  });
});

describe('PLAIN', () => {
  it.each([
    ['', 'Invalid SASL/PLAIN response: expected 3 tokens, got 1'],
    ['\0alice', 'Invalid SASL/PLAIN response: expected 3 tokens, got 2'],
    ['\0a\0b\0c\0d', 'Invalid SASL/PLAIN response: expected 3 tokens, got 4'],
    ['\0\0secret', 'Authentication failed: username not specified'],
    ['\0alice\0', 'Authentication failed: password not specified'],
    ['\0alice\0wrong', 'Authentication failed: Invalid username or password'],
    [
      'bob\0alice\0secret',
      'Authentication failed: Client requested an authorization id that is different from username',
    ],
  ])('refuses %j as Kafka does', (token, message) => {
    const { session } = open();
    session.choose('PLAIN', true);
    expect(session.answer(Buffer.from(token))).toMatchObject({ kind: 'failed', message });
  });

  it('takes the name of the user as the identity to act for', () => {
    const { session } = open();
    session.choose('PLAIN', true);
    expect(session.answer(Buffer.from('alice\0alice\0secret'))).toMatchObject({ kind: 'done' });
  });
});
