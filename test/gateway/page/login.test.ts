import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chromium } from '../../conformance/lib/chromium.mjs';
import { until } from '../../support/until.ts';

const READY = `document.getElementById('state').textContent === 'connected'`;
const ASKED = `document.getElementById('login').open`;
const USER = `document.getElementById('user').textContent`;
const OUTCOME = `document.getElementById('login-form').elements.outcome.value`;
const TOPICS = `[...document.querySelectorAll('#topics button')].map((each) => each.textContent)`;

function submitting(fields: Record<string, string>): string {
  return `{
    const form = document.getElementById('login-form');
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
      form.elements[name].value = value;
    }
    form.requestSubmit();
  }`;
}

describe.skipIf(!Chromium.isInstalled)('the page in Chromium, where there is one', () => {
  let browser: Chromium;
  let broker: EmbeddedBroker;
  let admin: Admin;

  beforeAll(async () => {
    [browser, broker] = await Promise.all([
      Chromium.start(),
      startBroker({
        config: {
          'millrace.http.authentication': 'required',
          'listener.name.http.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
          'listener.name.http.millrace.sasl.users': 'ada:pässwörd',
          'listener.name.http.oauthbearer.sasl.server.callback.handler.class':
            'OAuthBearerUnsecuredValidatorCallbackHandler',
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'super.users': 'User:ANONYMOUS;User:tom',
        },
      }),
    ]);
    for (const name of ['open', 'secret']) await broker.createTopic(name);
    admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    for (const user of ['ada', 'carol']) {
      const rule = {
        resourceType: 'topic',
        resourceName: 'open',
        patternType: 'literal',
        principal: `User:${user}`,
        host: '*',
        operation: 'all',
        permission: 'allow',
      } as const;
      expect((await admin.acls.create([rule])).get(rule)).toBeNull();
    }
    await admin.scram.alter([{ user: 'carol', mechanism: 'SCRAM-SHA-256', password: 'four' }]);
  }, 60_000);

  afterAll(async () => {
    await admin.close();
    await Promise.all([browser.close(), broker.close()]);
  });

  /** While the page is loaded anew there is nothing to look at. */
  const isTrue = (expression: string): Promise<boolean> =>
    browser.evaluate(expression).then(
      (value: unknown) => value === true,
      () => false,
    );
  const holds = (what: string, expression: string) => until(what, () => isTrue(expression));

  async function load(): Promise<void> {
    // A page that is told of in the address alone would not be loaded again.
    await browser.send('Page.navigate', { url: 'about:blank' });
    browser.complaints.length = 0;
    await browser.send('Page.navigate', { url: `${broker.httpUrl}/` });
    await holds('the page asks', ASKED);
  }

  /** Chromium itself tells of refusals. */
  const complaints = () => browser.complaints.filter((line) => !/status of 40[13]/.test(line));
  const refusals = (status: number) =>
    browser.complaints.filter((line) => line.includes(`status of ${status}`));

  it('asks who is there, again where that is wrong, and shows what that user may see', async () => {
    await load();
    await browser.evaluate(submitting({ user: 'ada', password: 'guess' }));
    await holds('it says that this is wrong', `${OUTCOME} !== ''`);
    await browser.evaluate(submitting({ user: 'ada', password: 'pässwörd' }));
    await holds('it is connected', READY);
    expect(await browser.evaluate(ASKED)).toBe(false);
    expect(await browser.evaluate(USER)).toBe('ada');
    await holds('it shows topics', `${TOPICS}.length > 0`);
    expect(await browser.evaluate(TOPICS)).toEqual(['open']);
    // Its connections and its requests go on as ada: the figures come from /metrics.
    await browser.evaluate(`{
      const form = document.getElementById('produce');
      form.elements.topic.value = 'open';
      form.elements.value.value = 'hello';
      form.requestSubmit();
    }`);
    await holds(
      'it produces',
      `document.querySelector('#produce output').value.includes('offset')`,
    );
    expect(complaints()).toEqual([]);
    // What it may not see it asks for once: the transactions.
    expect(refusals(403)).toHaveLength(1);
  }, 60_000);

  it('takes a token', async () => {
    await load();
    const [head, body] = [{ alg: 'none' }, { sub: 'tom', exp: Date.now() / 1000 + 600 }].map(
      (part) => Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    await browser.evaluate(submitting({ token: `${head}.${body}.` }));
    await holds('it shows topics', `${TOPICS}.length > 1`);
    expect(await browser.evaluate(USER)).toBe('tom');
    expect(await browser.evaluate(TOPICS)).toEqual(['open', 'secret']);
    expect(complaints()).toEqual([]);
  }, 60_000);

  it('asks again when the user is gone, or logs out', async () => {
    await load();
    await browser.evaluate(submitting({ user: 'carol', password: 'four' }));
    await holds('it is connected', READY);
    await browser.evaluate(`document.getElementById('log-out').click()`);
    await holds('it asks again', ASKED);
    await browser.evaluate(submitting({ user: 'carol', password: 'four' }));
    await holds('it is connected', READY);
    await admin.scram.alter([{ user: 'carol', mechanism: 'SCRAM-SHA-256', password: null }]);
    await holds('it asks again', ASKED);
    await browser.evaluate(submitting({ user: 'carol', password: 'four' }));
    await holds('it says that this is wrong', `${OUTCOME} !== ''`);
  }, 60_000);
});
