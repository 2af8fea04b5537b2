/** What first differs between two answers to a case; null where they are equal. */
export function differenceOf(expected, actual) {
  if (expected.error !== undefined || actual.error !== undefined) {
    if (expected.error !== undefined && actual.error !== undefined) return null;
    return `error: ${expected.error ?? 'none'}, not ${actual.error ?? 'none'}`;
  }
  if (expected.describe !== actual.describe) {
    return `description: ${firstLine(expected.describe, actual.describe)}`;
  }
  return differingRecords(expected.topics, actual.topics) ?? differingStores(expected, actual);
}

function firstLine(expected, actual) {
  const lines = actual.split('\n');
  for (const [i, line] of expected.split('\n').entries()) {
    if (line !== lines[i]) return `'${line}', not '${lines[i]}'`;
  }
  return `it has ${lines.length} lines`;
}

function differingRecords(expected, actual) {
  for (const topic of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const wanted = expected[topic] ?? [];
    const got = actual[topic] ?? [];
    for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
      if (JSON.stringify(wanted[i]) === JSON.stringify(got[i])) continue;
      return `${topic}[${i}]: ${shown(wanted[i])}, not ${shown(got[i])}`;
    }
  }
  return null;
}

function differingStores(expected, actual) {
  for (const [name, lines] of Object.entries(expected.stores)) {
    const got = actual.stores[name];
    if (got === undefined) return `store ${name} is missing`;
    const wanted = JSON.stringify(lines.toSorted());
    if (wanted !== JSON.stringify(got.toSorted())) return `store ${name}: ${lines}, not ${got}`;
  }
  return null;
}

function shown(record) {
  if (record === undefined) return 'nothing';
  const [key, value, timestamp, headers] = record;
  const text = (part) => (part === null ? 'null' : JSON.stringify(atob(part)));
  return `${text(key)}=${text(value)}@${timestamp}${headers.length > 0 ? ' with headers' : ''}`;
}
