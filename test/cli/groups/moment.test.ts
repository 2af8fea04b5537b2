import { describe, expect, it } from 'vitest';
import { parseDateTimeMs, parseDurationMs } from '../../../src/cli/groups/moment.ts';

describe('parseDurationMs', () => {
  it.each([
    ['P1D', 86_400_000],
    ['PT1H', 3_600_000],
    ['P2DT3H4M5S', 2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_000],
    ['PT0S', 0],
    ['PT0.25S', 250],
    ['PT90M', 5_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', 'P', 'PT', 'P1DT', '1D', 'P1H', 'PT1D', 'P-1D', 'P1M', 'P1W', 'pt1h'])(
    'refuses %j',
    (text) => {
      expect(() => parseDurationMs(text)).toThrow('expected PnDTnHnMnS');
    },
  );
});

describe('parseDateTimeMs', () => {
  it.each([
    ['2026-01-31T12:30:15.250Z', '2026-01-31T12:30:15.250Z'],
    ['2026-01-31T12:30:15.250', '2026-01-31T12:30:15.250Z'],
    ['2026-01-31T12:30:15', '2026-01-31T12:30:15.000Z'],
    ['2026-01-31T12:30', '2026-01-31T12:30:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T00:30:00+01:00', '2026-01-30T23:30:00.000Z'],
    ['2026-01-31T12:00:00-0530', '2026-01-31T17:30:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(parseDateTimeMs(text)).toISOString()).toBe(iso);
  });

  it.each([
    'yesterday',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:60:00Z',
    '2026-1-1',
    '1767225600000',
  ])('refuses %j', (text) => {
    expect(() => parseDateTimeMs(text)).toThrow('expected a time such as');
  });
});
