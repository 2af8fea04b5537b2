/** What first differs between two answers to a case; null where they are equal. */
export function differenceOf(expected, actual, config = {}) {
  const hasCache = Number(config['statestore.cache.max.bytes'] ?? 0) > 0;
  if (expected.error !== undefined || actual.error !== undefined) {
    if (expected.error !== undefined && actual.error !== undefined) return null;
    return `error: ${expected.error ?? 'none'}, not ${actual.error ?? 'none'}`;
  }
  if (expected.describe !== actual.describe) {
    return `description: ${firstLine(expected.describe, actual.describe)}`;
  }
  return (
    differingRecords(expected.topics, actual.topics) ?? differingStores(expected, actual, hasCache)
  );
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
    const wanted = ordered(topic, expected[topic] ?? []);
    const got = ordered(topic, actual[topic] ?? []);
    for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
      if (isSame(wanted[i], got[i])) continue;
      return `${topic}[${i}]: ${shown(wanted[i])}, not ${shown(got[i])}`;
    }
  }
  return null;
}

/** What a suppression logs at a commit goes by hashes in Java: only each key's order counts. */
function ordered(topic, records) {
  if (!topic.includes('-SUPPRESS-')) return records;
  return records.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)));
}

/** A record without a time gets it from the producer, which the test driver of Kafka has not. */
function isSame(wanted, got) {
  if (wanted === undefined || got === undefined) return false;
  const timed = wanted[2] === null ? [...wanted.slice(0, 2), got[2], wanted[3]] : wanted;
  return JSON.stringify(timed) === JSON.stringify(got);
}

function differingStores(expected, actual, hasCache) {
  for (const [name, lines] of Object.entries(expected.stores)) {
    const got = actual.stores[name] ?? [];
    // Java's cache still shows windows that the store below it has let go.
    if (hasCache && got.every((line) => lines.includes(line))) continue;
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
