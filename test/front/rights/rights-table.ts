import { setTimeout as delay } from 'node:timers/promises';
import { apiName } from '../../../src/protocol/api-registry.ts';
import type { WireClient } from '../../support/wire-client.ts';
import type { Asked, Target } from './asked.ts';
import { CLUSTER_REQUESTS, TOKEN_REQUESTS } from './cluster-requests.ts';
import { GRANTS, PREFIX, userOf, type Varied } from './grants.ts';
import { GROUP_REQUESTS } from './group-requests.ts';
import { Outcome } from './outcome.ts';
import { askPatiently, type Stage, THERE } from './stage.ts';
import { TOPIC_REQUESTS } from './topic-requests.ts';
import { TRANSACTION_REQUESTS } from './transaction-requests.ts';

/** In this order: what comes later makes things that lists before it would show. */
export const ASKED: readonly (readonly [Varied, readonly Asked[]])[] = [
  ['cluster', CLUSTER_REQUESTS],
  ['topic', TOPIC_REQUESTS],
  ['group', GROUP_REQUESTS],
  ['transaction', TRANSACTION_REQUESTS],
  ['token', TOKEN_REQUESTS],
  ['user', TOKEN_REQUESTS],
];

/** The connection was closed, or nothing came. */
const NO_ANSWER = /no answer|connection was closed/;
const ANSWER_MS_MAX = 5_000;
const MADE_UP_ID = 'bWFkZSB1cCBmb3IgaXQhIQ';

/** What is asked about: something that is there, something that is not, or everything. */
type Presence = 'there' | 'absent' | 'all';

/** The grants that lead to each outcome, with blanks between. */
export type Outcomes = Readonly<Record<string, string>>;
/** By the kind of resource whose rights are varied, the request, and what it asks about. */
export type RightsTable = Record<string, Record<string, Outcomes>>;

/** Asks everything as everybody. */
export async function tableOf(stage: Stage): Promise<RightsTable> {
  const table: RightsTable = {};
  for (const [varied, requests] of ASKED) {
    const column = new Column(stage, varied);
    table[varied] = {};
    for (const asked of requests) Object.assign(table[varied], await column.of(asked));
    column.close();
  }
  return table;
}

/** Apache Kafka leaves some requests that it fails to answer without any answer. */
function inTime(answer: Promise<object>): Promise<object> {
  const late = delay(ANSWER_MS_MAX).then(() => {
    throw new Error('no answer');
  });
  return Promise.race([answer, late]);
}

/** The cells of one kind of resource. */
class Column {
  static #made = 0;
  readonly #stage: Stage;
  readonly #varied: Varied;
  readonly #clients = new Map<string, Promise<WireClient>>();

  constructor(stage: Stage, varied: Varied) {
    this.#stage = stage;
    this.#varied = varied;
  }

  async of(asked: Asked): Promise<Record<string, Outcomes>> {
    const cells: Record<string, Outcomes> = {};
    const presences: readonly Presence[] = asked.isOfAll ? ['all'] : ['there', 'absent'];
    for (const version of asked.versions) {
      for (const presence of presences) {
        const note = asked.note === undefined ? '' : ` ${asked.note}`;
        const name = `${apiName(asked.key)} v${version}${note}, ${presence}`;
        const grants: Record<string, string> = {};
        for (const grant of GRANTS) {
          const outcome = await this.#cell(asked, version, presence, grant);
          grants[outcome] = outcome in grants ? `${grants[outcome]} ${grant}` : grant;
        }
        cells[name] = grants;
      }
    }
    return cells;
  }

  async #cell(asked: Asked, version: number, presence: Presence, grant: string): Promise<string> {
    const { fresh, key, body } = asked;
    const target = this.#target(presence, version, fresh !== undefined);
    let { topicId } = target;
    if (fresh !== undefined && presence === 'there') {
      topicId = await this.#stage.make(fresh, target.name);
    }
    const whole = { ...target, topicId };
    const request = body(whole);
    const user = userOf(this.#varied, grant);
    try {
      const client = await this.#clientOf(user);
      const answer = await inTime(askPatiently(client, key, version, request));
      return new Outcome(whole, request).of(answer);
    } catch (thrown) {
      if (!NO_ANSWER.test((thrown as Error).message)) throw thrown;
      this.#clients.delete(user);
      return 'no answer';
    } finally {
      if (fresh !== undefined) await this.#stage.remove(fresh, target.name);
    }
  }

  #target(presence: Presence, version: number, isFresh: boolean): Target {
    const own = `own-${++Column.#made}`;
    const { hmac } = this.#stage;
    const common = { own, hmac, version, topicId: MADE_UP_ID };
    if (presence === 'absent') return { ...common, name: `${PREFIX}-absent-${own}` };
    if (isFresh) return { ...common, name: `${PREFIX}-fresh-${own}` };
    return { ...common, name: THERE, topicId: this.#stage.topicId };
  }

  #clientOf(user: string): Promise<WireClient> {
    const known = this.#clients.get(user);
    if (known !== undefined) return known;
    const client = this.#stage.login(user);
    this.#clients.set(user, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values())
      client.then(
        (each) => each.close(),
        () => {},
      );
  }
}
