/** The rows of security: both brokers with the same certificates, versions, users and rules. */
import type { Scenario, Target } from './scenario.ts';

const rate = (atLeast: number): Target => ({ figure: 'messagesPerSecond', atLeast, of: 'rival' });
const cpu = (figure: string): Target => ({ figure, atMost: 0.5, of: 'rival' });
/** Of the plain broker's rate, and of its processor time, which others on the machine hide less. */
const likePlain: readonly Target[] = [
  { figure: 'rateRatio', atLeast: 0.98, of: 'fixed' },
  { figure: 'cpuRatio', atMost: 1.02, of: 'fixed' },
];

const BATCHES = ['produce', '--batch-bytes', '16384', '--in-flight', '5'];
const SINGLES = ['produce', '--batch-bytes', '0', '--acks', 'all', '--in-flight', '1'];

export const SECURED_SCENARIOS: readonly Scenario[] = [
  {
    name: 'tls-produce',
    title: 'TLS 1.3, produce, 16 KB batches, acks=1, 1 connection, 5 in flight',
    kind: 'load',
    security: 'SSL',
    args: BATCHES,
    targets: [rate(2), cpu('brokerCpuPerMillion')],
  },
  {
    name: 'tls-fetch',
    title: 'TLS 1.3, fetch, catching up, 1 MB, 1 connection',
    kind: 'load',
    security: 'SSL',
    args: ['fetch', '--fetch-bytes', '1048576', '--preload-bytes', '500000000'],
    targets: [{ figure: 'mbPerSecond', atLeast: 1.5, of: 'rival' }, cpu('brokerCpuPerGb')],
  },
  {
    name: 'tls-connect',
    title: 'new connections a second over TLS 1.3 that log in with SCRAM-SHA-256, 8 at a time',
    kind: 'load',
    security: 'SASL_SSL',
    args: ['connect', '--connections', '8'],
    targets: [rate(1)],
  },
  {
    name: 'acls-produce',
    title: '1,000 ACLs beside none: produce, 16 KB batches, acks=1, 1 connection, 5 in flight',
    kind: 'acls',
    args: BATCHES,
    mostRounds: 1,
    targets: likePlain,
  },
  {
    name: 'acls-singles',
    title: '1,000 ACLs beside none: one-record requests, acks=all, 16 connections',
    kind: 'acls',
    args: [...SINGLES, '--connections', '16'],
    mostRounds: 1,
    targets: likePlain,
  },
];
