/** Reads what published test suites print into `{ name, outcome, error? }` a test. */

const OUTCOMES = {
  PASS: 'pass',
  FAIL: 'fail',
  SKIP: 'skip',
  ok: 'pass',
  FAILED: 'fail',
  ignored: 'skip',
};

/** `go test -v`: the lines "--- PASS: TestName (1.23s)", sub-tests included. */
export function goTests(output) {
  const tests = [];
  const lines = output.split('\n');
  for (const [i, line] of lines.entries()) {
    const match = /^\s*--- (PASS|FAIL|SKIP): (\S+)/.exec(line);
    if (match === null) continue;
    const outcome = OUTCOMES[match[1]];
    const error = outcome === 'fail' ? goError(lines, i, match[2]) : undefined;
    tests.push({ name: match[2], outcome, error });
  }
  const panicked = /^(panic: .*)$/m.exec(output);
  if (panicked !== null)
    tests.push({ name: '(the suite ends)', outcome: 'fail', error: panicked[1] });
  return tests;
}

/** With -v a test's own messages come before its closing line. */
function goError(lines, at, name) {
  const said = [];
  for (let i = at - 1; i >= 0 && said.length < 8; i -= 1) {
    if (/^\s*(=== |--- )/.test(lines[i])) break;
    if (/_test\.go:\d+:/.test(lines[i])) said.unshift(lines[i].trim());
  }
  return said.join('\n') || `${name} failed`;
}

/** `cargo test`: the lines "test name ... ok". */
export function cargoTests(output) {
  const tests = [];
  for (const [, name, word] of output.matchAll(
    /^test (\S+) \.\.\. (?:.*\n)*?(ok|FAILED|ignored)/gm,
  )) {
    const from = output.indexOf(`---- ${name} stdout ----`);
    const error =
      word === 'FAILED' && from >= 0 ? cargoError(output.slice(from, from + 2_000)) : undefined;
    tests.push({ name, outcome: OUTCOMES[word], error });
  }
  return tests;
}

/** From the message to where the stack, or the next test's output, begins. */
function cargoError(said) {
  const lines = said.split('\n').slice(1);
  const end = lines.findIndex((line) => /^(stack backtrace:|---- |failures:)/.test(line));
  return lines
    .slice(0, end < 0 ? 6 : end)
    .filter((line) => line !== '')
    .join(' ');
}

/** A JUnit XML file as pytest writes it, or vitest, whose classes are paths. */
export function junitTests(xml) {
  const tests = [];
  const cases =
    /<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, className, name, body = ''] of xml.matchAll(cases)) {
    const failed = /<(?:failure|error) message="([^"]*)"/.exec(body);
    const outcome = failed !== null ? 'fail' : body.includes('<skipped') ? 'skip' : 'pass';
    const error = failed === null ? undefined : unescaped(failed[1]);
    const owner = className.includes('/') ? className : className.split('.').pop();
    tests.push({ name: `${owner}::${unescaped(name)}`, outcome, error });
  }
  return tests;
}

/** Node's own test runner, whose JUnit report has attributes in another order. */
export function nodeTests(xml) {
  const tests = [];
  const cases = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, name, body = ''] of xml.matchAll(cases)) {
    const failed = /<failure [^>]*?message="([^"]*)"/.exec(body);
    const outcome = failed !== null ? 'fail' : body.includes('<skipped') ? 'skip' : 'pass';
    const error = failed === null ? undefined : unescaped(failed[1]);
    tests.push({ name: unescaped(name), outcome, error });
  }
  return tests;
}

function unescaped(text) {
  const named = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text
    .replaceAll(/&#(x?)([0-9a-fA-F]+);/g, (_, hex, digits) => {
      return String.fromCodePoint(Number.parseInt(digits, hex === 'x' ? 16 : 10));
    })
    .replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name) => named[name]);
}

/** Mocha's JSON reporter; what else the suite printed comes before it. */
export function mochaTests(output) {
  const start = output.search(/^\{\s*\n\s*"stats":/m);
  if (start < 0) return [];
  const report = JSON.parse(output.slice(start, output.lastIndexOf('}') + 1));
  const tests = [];
  for (const [list, outcome] of [
    ['passes', 'pass'],
    ['failures', 'fail'],
    ['pending', 'skip'],
  ]) {
    for (const test of report[list]) {
      tests.push({ name: test.fullTitle, outcome, error: test.err?.message });
    }
  }
  return tests;
}

/** Jest's JSON report; a file of tests that does not load is a failure of its own. */
export function jestTests(text, nameOf) {
  const tests = [];
  const outcomes = { passed: 'pass', failed: 'fail', pending: 'skip' };
  for (const { name, message, assertionResults } of JSON.parse(text).testResults) {
    const file = nameOf(name);
    if (assertionResults.length === 0) tests.push({ name: file, outcome: 'fail', error: message });
    for (const { fullName, status, failureMessages } of assertionResults) {
      const outcome = outcomes[status] ?? 'skip';
      const error = outcome === 'fail' ? failureMessages.join('\n') : undefined;
      tests.push({ name: `${file}: ${fullName}`, outcome, error });
    }
  }
  return tests;
}
