import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConfigObject, loadConfig } from '../../src/broker/config.ts';

const directories: string[] = [];

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-config-'));
  directories.push(directory);
  const path = join(directory, 'server.properties');
  writeFileSync(path, text);
  return path;
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

const withConfig = (config: ConfigObject) => loadConfig({ config });

describe('loadConfig', () => {
  it('has the defaults of a broker on this machine alone', () => {
    const { settings, warnings } = loadConfig();
    expect(settings.listeners).toEqual([
      { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 9092 },
    ]);
    expect(settings.http).toMatchObject({ host: '127.0.0.1', port: 9080, engine: 'auto' });
    expect(settings.logDirs).toEqual(['./millrace-data']);
    expect(settings.workerThreads).toBeGreaterThanOrEqual(0);
    expect(warnings).toEqual([]);
  });

  it('bounds connections and bytes in flight by default', () => {
    const { limits, webSocket } = loadConfig().settings;
    for (const [name, value] of Object.entries({ ...limits, ...webSocket })) {
      if (typeof value === 'number') expect(value, name).toBeLessThan(2 ** 31 - 1);
    }
  });

  it('lays config over the file and overrides over both', () => {
    const path = file('num.partitions=2\nlog.retention.hours=1\nbroker.rack=file\n');
    const { config } = loadConfig({
      file: path,
      config: { 'num.partitions': 3, 'broker.rack': 'object' },
      overrides: ['num.partitions=4'],
    });
    expect(config.number('num.partitions')).toBe(4);
    expect(config.text('broker.rack')).toBe('object');
    expect(config.text('log.retention.hours')).toBe('1');
  });

  it('takes numbers, booleans and arrays as values', () => {
    const { settings, config } = withConfig({
      'num.io.threads': 3,
      'auto.create.topics.enable': false,
      'log.dirs': ['/a', '/b'],
      'log.segment.bytes': 2 ** 30,
      'queued.max.request.bytes': undefined,
    });
    expect(settings.workerThreads).toBe(3);
    expect(settings.topics.autoCreate).toBe(false);
    expect(settings.logDirs).toEqual(['/a', '/b']);
    expect(config.text('log.segment.bytes')).toBe('1073741824');
  });

  it('serves the classic group protocol always', () => {
    const name = 'group.coordinator.rebalance.protocols';
    expect(withConfig({ [name]: 'classic' }).settings.groups.protocols).toEqual(['classic']);
    expect(() => withConfig({ [name]: 'consumer' })).toThrow(/must name the classic protocol/);
  });

  it("has Kafka's rules for groups", () => {
    expect(loadConfig().settings.groups).toMatchObject({
      protocols: ['classic', 'consumer', 'streams'],
      sessionTimeoutMinMs: 6_000,
      sessionTimeoutMaxMs: 1_800_000,
      initialRebalanceDelayMs: 3_000,
      consumerAssignors: ['uniform', 'range'],
      consumerMigration: 'bidirectional',
      offsetMetadataBytesMax: 4_096,
      offsetsPartitions: 50,
      offsetsReplicas: 3,
      offsetsRetentionMs: 7 * 24 * 3_600_000,
    });
    const { groups } = withConfig({ 'offsets.retention.minutes': 1 }).settings;
    expect(groups.offsetsRetentionMs).toBe(60_000);
  });

  it("accepts Kafka's own combined server.properties and says what has no effect", () => {
    const path = file(`
process.roles=broker,controller
node.id=7
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
log.dirs=/tmp/kraft-combined-logs
offsets.topic.replication.factor=1
log.retention.hours=168
`);
    const { settings, warnings } = loadConfig({ file: path });
    expect(settings.nodeId).toBe(7);
    expect(settings.listeners).toEqual([
      { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: '', port: 9092 },
    ]);
    expect([...settings.advertised.values()].map(({ host }) => host)).toEqual(['localhost']);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^accepted, without effect: controller\.quorum\.bootstrap/);
    expect(warnings[0]).toContain('num.network.threads');
    expect(warnings[0]).not.toContain('log.retention.hours');
    expect(warnings[1]).toBe('controller listeners are not opened: CONTROLLER');
  });

  it('suggests the name that an unknown one comes close to', () => {
    const bad = (override: string) => () => loadConfig({ overrides: [override] });
    expect(bad('log.retention.hour=3')).toThrow(
      'Unknown configuration log.retention.hour; did you mean log.retention.hours?',
    );
    expect(bad('num.partitoins=3')).toThrow('did you mean num.partitions?');
    expect(bad('millrace.http.listner=x')).toThrow('did you mean millrace.http.listener?');
    expect(bad('nothing.like.it=3')).toThrow(/^Unknown configuration nothing\.like\.it$/);
  });

  it('reports every mistake in one line', () => {
    const bad = (override: string) => () => loadConfig({ overrides: [override] });
    expect(bad('a\nb=1')).toThrow('Unknown configuration a\\nb');
    expect(bad('num.partitions=a\nb')).toThrow(
      'Invalid value a\\nb for configuration num.partitions: Not a number of type INT',
    );
    expect(bad('novalue')).toThrow('--override novalue: expected name=value');
    expect(() => loadConfig({ file: '/nonexistent/x' })).toThrow(/^cannot read \/nonexistent\/x/);
    expect(() => withConfig({ 'num.partitions': Number.NaN })).toThrow('expected a string');
  });

  it('says what a value may be', () => {
    const bad = (name: string, value: string) => () => withConfig({ [name]: value });
    expect(bad('num.partitions', '0')).toThrow('Value must be at least 1');
    expect(bad('log.cleanup.policy', 'foo')).toThrow('String must be one of: compact, delete');
    expect(bad('millrace.durability', 'all')).toThrow('String must be one of: os, group');
    expect(bad('auto.create.topics.enable', 'yes')).toThrow('either true or false');
  });

  it('warns of what stays open beside a listener with SASL', () => {
    const sasl = {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN',
      'millrace.sasl.users': 'alice:secret',
    };
    const lines = loadConfig({ config: sasl }).warnings.join('\n');
    expect(lines).toContain('without TLS the passwords of PLAIN can be read');
    expect(lines).toContain('millrace.http.listener: its clients are not asked who they are');
    expect(lines).not.toContain('secret');
    const overHttp = {
      'millrace.http.authentication': 'required',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-256,OAUTHBEARER',
      'sasl.oauthbearer.jwks.endpoint.url': 'https://login.example/keys',
    };
    expect(loadConfig({ config: overHttp }).warnings.join('\n')).toContain(
      'listener HTTP: without TLS the passwords of SCRAM-SHA-256 can be read',
    );
    const closed = { ...sasl, 'millrace.http.listener': 'none' };
    expect(loadConfig({ config: closed }).warnings.join('\n')).not.toContain('http');
  });

  it('opens health and metrics to everybody where it is told so, and nothing else', () => {
    const open = (paths: string) => () => withConfig({ 'millrace.http.open.paths': paths });
    expect(open('/livez,/metrics')().settings.http?.openPaths).toEqual(['/livez', '/metrics']);
    expect(open('/topics')).toThrow(
      '/topics cannot be open to everybody; /livez, /readyz, /metrics',
    );
  });

  it('refuses to pretend that there is security', () => {
    const bad = (config: ConfigObject) => () => withConfig(config);
    expect(bad({ listeners: 'SSL://:9092' })).toThrow('has no certificate');
    expect(bad({ listeners: 'SASL_SSL://:9092' })).toThrow('GSSAPI is not served');
    expect(bad({ listeners: 'SASL_PLAINTEXT://:9092' })).toThrow('GSSAPI is not served');
    expect(bad({ 'authorizer.class.name': 'org.acme.Authorizer' })).toThrow('millrace has only');
    expect(bad({ 'super.users': 'User:a' })).toThrow('every user may do everything');
    const authorizer = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
    const closed = { 'authorizer.class.name': authorizer, 'millrace.http.listener': 'none' };
    expect(bad({ ...closed, 'super.users': 'alice' })).toThrow("'alice' is not of the form");
    expect(() => withConfig({ ...closed, 'super.users': 'User:a;User:b' })).not.toThrow();
    expect(bad({ 'create.topic.policy.class.name': 'a.B' })).toThrow('no policy classes');
    expect(bad({ 'config.providers': 'file' })).toThrow('resolves none');
    expect(bad({ 'remote.log.storage.system.enable': 'true' })).toThrow('tiers none');
    expect(() => withConfig({ 'authorizer.class.name': '' })).not.toThrow();
  });

  it('accepts security settings that no open listener uses', () => {
    const { warnings } = withConfig({
      'listener.name.internal.ssl.provider': 'p',
      'ssl.keystore.location': '/k',
      'listener.name.internal.ssl.keystore.password': 'secret',
      'listener.name.internal.plain.sasl.jaas.config': 'x',
    });
    expect(warnings[0]).toContain('ssl.provider');
    expect(warnings[0]).not.toContain('secret');
  });
});

describe('listeners', () => {
  it('reads IPv6 addresses and several listeners', () => {
    const { settings } = withConfig({
      listeners: 'PLAINTEXT://[::1]:9092,LOCAL://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOCAL:PLAINTEXT',
    });
    expect(settings.listeners).toEqual([
      { name: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: '::1', port: 9092 },
      { name: 'LOCAL', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 0 },
    ]);
  });

  it('refuses what cannot be bound or reached', () => {
    const bad = (config: ConfigObject) => () => withConfig(config);
    expect(bad({ listeners: '' })).toThrow('no listener for clients');
    expect(bad({ listeners: 'localhost:9092' })).toThrow('not of the form NAME://host:port');
    const map = { 'listener.security.protocol.map': 'INT:TLS' };
    expect(bad(map)).toThrow('NAME:PROTOCOL with PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL');
    expect(bad({ listeners: 'PLAINTEXT://h:70000' })).toThrow('port from 0 to 65535');
    expect(bad({ listeners: 'PLAINTEXT://::1:9092' })).toThrow('in brackets');
    expect(bad({ listeners: 'A://:1,A://:2' })).toThrow('two listeners are named A');
    expect(bad({ listeners: 'X://:1' })).toThrow('says no protocol for listener X');
    expect(bad({ 'advertised.listeners': 'PLAINTEXT://0.0.0.0:9092' })).toThrow('can reach');
    expect(bad({ 'advertised.listeners': 'OTHER://h:9092' })).toThrow('not among the listeners');
    expect(bad({ 'process.roles': 'controller' })).toThrow('must include broker');
  });

  it('opens no HTTP listener when told so', () => {
    expect(withConfig({ 'millrace.http.listener': 'none' }).settings.http).toBeNull();
    expect(withConfig({ 'millrace.http.listener': 'http://[::1]:0' }).settings.http).toEqual({
      host: '::1',
      port: 0,
      engine: 'auto',
      isSecure: false,
      isGuarded: false,
      openPaths: ['/livez', '/readyz'],
    });
  });

  it('reads exceptions to the bound on connections of one address', () => {
    const name = 'max.connections.per.ip.overrides';
    const { limits } = withConfig({ [name]: '10.0.0.1:5, ::1:7' }).settings;
    expect([...limits.connectionsPerIpOverrides]).toEqual([
      ['10.0.0.1', 5],
      ['::1', 7],
    ]);
    expect(() => withConfig({ [name]: 'x' })).toThrow('not of the form address:limit');
  });
});

describe('settings that go together', () => {
  it('takes node.id from broker.id and refuses two that differ', () => {
    expect(withConfig({ 'broker.id': 5 }).settings.nodeId).toBe(5);
    expect(() => withConfig({ 'broker.id': 5, 'node.id': 6 })).toThrow('they must be equal');
  });

  it('takes log.dir where log.dirs is not set', () => {
    expect(withConfig({ 'log.dir': '/x' }).settings.logDirs).toEqual(['/x']);
    expect(withConfig({ 'log.dir': '/x', 'log.dirs': '/y' }).settings.logDirs).toEqual(['/y']);
    expect(() => withConfig({ 'log.dirs': '/y,/y' })).toThrow('names a directory twice');
  });
});
