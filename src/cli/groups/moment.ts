import { UsageError } from '../usage-error.ts';

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,3})\d*)?S)?)?$/;
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** ISO 8601, as far as it has a fixed length: `PnDTnHnMnS`. */
export function parseDurationMs(text: string): number {
  const match = DURATION.exec(text);
  const isEmpty = text === 'P' || text.endsWith('T');
  if (match === null || isEmpty) {
    throw new UsageError(`--by-duration ${text}: expected PnDTnHnMnS, for example P1DT12H`);
  }
  const [days, hours, minutes, seconds] = match.slice(1, 5).map((each) => Number(each ?? 0));
  const fractionMs = Number((match[5] ?? '').padEnd(3, '0'));
  const wholeMs = days! * DAY_MS + hours! * HOUR_MS + minutes! * MINUTE_MS + seconds! * SECOND_MS;
  return wholeMs + fractionMs;
}

/** An ISO 8601 time; without a zone it is UTC, as Kafka's tool takes it. */
export function parseDateTimeMs(text: string): number {
  const refused = new UsageError(
    `--to-datetime ${text}: expected a time such as 2026-01-31T12:00:00.000Z`,
  );
  const match = DATE_TIME.exec(text);
  if (match === null) throw refused;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((each) => Number(each ?? 0));
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0'));
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!, milliseconds);
  const isReal =
    date.getUTCMonth() === month! - 1 &&
    date.getUTCDate() === day &&
    hour! < 24 &&
    minute! < 60 &&
    second! < 60;
  if (!isReal) throw refused;
  return date.getTime() - zoneMs(match[8]);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}
