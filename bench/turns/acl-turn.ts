/** The same load in turn on a broker that keeps a thousand rules and on one that keeps none. */
import { Admin } from '#millrace/client/index';
import type { BenchOptions } from '../bench-options.ts';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { type Figures, figuresOf, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import type { Scenario } from '../scenario.ts';

const RULES = 1000;
const PAIRS = 5;
const AT_ONCE = 100;
const EVERYBODY_ELSE = 'User:somebody-else';
/** What the load generator is where nobody logs in, and the topics that it makes. */
const LOAD = 'User:ANONYMOUS';
const LOAD_TOPICS = 'load-';

const WITH_RULES = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  // Until the rules are there; then they hold for all that they name.
  'allow.everyone.if.no.acl.found': 'true',
};

export async function aclTurn(
  scenario: Scenario,
  who: Contestant,
  options: BenchOptions,
): Promise<Figures> {
  const folders = [who.freshFolder(), who.freshFolder()] as const;
  const plain = await who.start(folders[0]);
  const ruled = await who.start(folders[1], WITH_RULES);
  await makeRules(ruled);
  const { warmupSeconds, seconds } = options;
  const measure = async (broker: BrokerProcess): Promise<Figures> =>
    figuresOf(await runLoadProcess(broker, scenario.args, warmupSeconds, seconds));
  const pairs: { without: Figures; with: Figures; ratios: Figures }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const without = await measure(plain);
    const having = await measure(ruled);
    pairs.push({ without, with: having, ratios: ratiosOf(having, without) });
  }
  for (const broker of [plain, ruled]) await broker.stop();
  for (const folder of folders) await who.discard(folder);
  const ratios = medianOf(pairs.map((pair) => pair.ratios));
  return { ...medianOf(pairs.map((pair) => pair.with)), ...ratios };
}

function ratiosOf(having: Figures, without: Figures): Figures {
  const of = (figure: string): number => having[figure]! / without[figure]!;
  return { rateRatio: of('messagesPerSecond'), cpuRatio: of('brokerCpuPerMillion') };
}

/** Of the load's own topics, of names like theirs, and of many others. */
async function makeRules({ host, port }: BrokerProcess): Promise<void> {
  await using admin = new Admin({ bootstrapServers: `${host}:${port}` });
  const rule = { host: '*', permission: 'allow', operation: 'all' } as const;
  const cluster = { resourceType: 'cluster', resourceName: 'kafka-cluster' } as const;
  const own = { resourceType: 'topic', resourceName: LOAD_TOPICS } as const;
  const rules = [
    { ...rule, ...cluster, patternType: 'literal', principal: LOAD } as const,
    { ...rule, ...own, patternType: 'prefixed', principal: LOAD } as const,
  ];
  const others = Array.from({ length: RULES - rules.length }, (_, index) => {
    const isLikeOurs = index % 2 === 0;
    return {
      ...rule,
      resourceType: 'topic',
      resourceName: isLikeOurs ? `${LOAD_TOPICS}${index}` : `other-${index}`,
      patternType: index % 4 === 0 ? 'prefixed' : 'literal',
      operation: 'read',
      principal: `${EVERYBODY_ELSE}-${index % 100}`,
    } as const;
  });
  const all = [...rules, ...others];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await admin.acls.create(all.slice(at, at + AT_ONCE));
  }
}
