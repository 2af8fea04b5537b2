/** Writes README.md: how to run the checks, the table of both columns, and what fails. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKS } from '../checks/index.mjs';
import { HERE } from './cache.mjs';
import { KAFKATEST_SCENARIOS } from './kafkatest-scenarios.mjs';
import { concerns, exceptionFor } from './results.mjs';

const INTRODUCTION = `# Conformance

Clients, tools and test suites that others wrote, run unmodified against millrace and, as the
baseline, against Apache Kafka (one KRaft node) on the same machine. This file is written by
\`npm run conformance\`; do not edit it by hand.

    npm run conformance                                  # the quick set against millrace
    npm run conformance -- --broker both --set full      # everything, both columns
    npm run conformance -- --only kcat,round-trip-java   # some checks
    npm run conformance -- --list                        # what there is

Toolchains and suites are installed from the package registries, pinned, into
\`node_modules/.cache/millrace-conformance\` (or \`MILLRACE_CONFORMANCE_CACHE\`); the brokers' logs
lie beside them in \`logs/\`. KafkaJS's specs are cloned from its repository, or from a copy that
git's \`url.<copy>.insteadOf\` names. A check whose toolchain is missing is skipped with the reason. The
run fails when millrace fails a step which Kafka passes, unless \`exceptions.json\` says why.
`;

function cell(result) {
  if (result === undefined) return 'not run';
  if (result.skipped !== undefined) return 'skipped';
  const outcomes = Object.values(result.steps).map((step) => step.outcome);
  const passed = outcomes.filter((one) => one === 'pass').length;
  const ran = outcomes.filter((one) => one !== 'skip').length;
  const skipped = outcomes.length - ran;
  const mark = passed === ran ? '' : '**';
  return `${mark}${passed}/${ran}${mark}${skipped > 0 ? ` (${skipped} skipped)` : ''}`;
}

function escaped(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(check, results) {
  const [kafka, millrace] = [results.kafka.checks[check.name], results.millrace.checks[check.name]];
  const dates = [kafka?.date, millrace?.date].filter((date) => date !== undefined);
  const columns = [
    check.name,
    check.proves,
    concerns(check, 'kafka') ? cell(kafka) : '-',
    cell(millrace),
    dates.sort().at(-1) ?? '',
  ];
  return `| ${columns.map(escaped).join(' | ')} |`;
}

function failures(check, results) {
  const lines = [];
  for (const [kind, title] of [
    ['kafka', 'Kafka'],
    ['millrace', 'millrace'],
  ]) {
    const result = results[kind].checks[check.name];
    if (result?.skipped !== undefined) lines.push(`- ${title}: skipped, ${result.skipped}`);
    for (const [name, step] of Object.entries(result?.steps ?? {})) {
      if (step.outcome !== 'fail') continue;
      const reason =
        kind === 'millrace' ? exceptionFor(check.baseline ?? check.name, name) : undefined;
      const known = reason === undefined ? '' : ` *Known: ${reason}*`;
      lines.push(`- ${title}: \`${name}\`: ${shortened(step.error ?? 'failed')}${known}`);
    }
  }
  return lines.length === 0 ? [] : ['', `### ${check.name}`, '', ...lines];
}

function shortened(error) {
  const line = error.split('\n').find((one) => one.trim() !== '') ?? '';
  return escaped(line.length > 240 ? `${line.slice(0, 240)}…` : line).replaceAll('<', '&lt;');
}

function scenarios() {
  const rows = KAFKATEST_SCENARIOS.map(({ name, checks }) => `| ${name} | ${checks.join('; ')} |`);
  const title = '## Scenarios of kafkatest';
  const head = ["| scenario of Apache Kafka's system tests | checks |", '|---|---|'];
  return ['', title, '', ...head, ...rows];
}

export async function writeTable(results) {
  const { kafka, millrace } = results;
  const head = [
    INTRODUCTION,
    '## Results',
    '',
    'Passed/ran, each step or published test counted by itself.',
    '',
    `| check | what it shows | Apache Kafka ${kafka.version} | millrace ${millrace.version} | date |`,
    '|---|---|---|---|---|',
    ...CHECKS.map((check) => row(check, results)),
  ];
  const details = CHECKS.flatMap((check) => failures(check, results));
  if (details.length > 0) head.push('', '## What fails or was skipped', ...details);
  head.push(...scenarios(), '', '## Commands', '');
  for (const check of CHECKS) head.push(`- ${check.name}: \`${check.command}\` (${check.needs})`);
  await writeFile(join(HERE, 'README.md'), `${head.join('\n')}\n`);
}
