/** How far figures are from what the machine can do at the most. */

import { shortNumber } from '../comparison.ts';
import type { Figures } from '../figures.ts';
import type { Limits } from './limits.ts';

/** What a load does to each byte, and to each record that somebody waits for. */
export interface Path {
  /** A broker receives, checks and writes each byte; one that is read is sent once more. */
  readonly isProduced: boolean;
  readonly isConsumed: boolean;
  /** Codecs pack the bytes before they leave. */
  readonly isPacked: boolean;
  /** Latency is what is asked: a rate is held, or each send awaited. */
  readonly isTimed: boolean;
  readonly isSynced: boolean;
}

/** Of one thread that does nothing but what a byte must go through. */
export function mostMbPerSecond(path: Path, limits: Limits): number {
  const { loopbackMbPerSecond, crcMbPerSecond, writeMbPerSecond } = limits;
  const received = 1 / loopbackMbPerSecond + 1 / crcMbPerSecond + 1 / writeMbPerSecond;
  const sent = 1 / loopbackMbPerSecond;
  return 1 / ((path.isProduced ? received : 0) + (path.isConsumed ? sent : 0));
}

/** To the broker and back, or on to the consumer: two wakes either way. */
export function leastMs(path: Path, limits: Limits): number {
  return 2 * limits.wakeMs + (path.isSynced ? limits.syncMs : 0);
}

/**
 * The rate is a share of what the least that a byte costs would allow; the middle latency is so many
 * times the least one.
 */
export function distances(figures: Figures, path: Path, limits: Limits): Figures {
  const { mbPerSecond, p50Ms = 0 } = figures;
  const isRate = mbPerSecond !== undefined && !path.isPacked;
  const most = mostMbPerSecond(path, limits);
  return {
    ...(isRate ? { ofLimitPercent: (100 * mbPerSecond) / most } : {}),
    ...(path.isTimed && p50Ms > 0 ? { timesLeastMs: p50Ms / leastMs(path, limits) } : {}),
  };
}

export function limitsText(limits: Limits): string {
  const { copyMbPerSecond, crcMbPerSecond, loopbackMbPerSecond, writeMbPerSecond } = limits;
  const rates = [
    `memory copy ${shortNumber(copyMbPerSecond)} MB/s`,
    `CRC-32C ${shortNumber(crcMbPerSecond)} MB/s`,
    `loopback TCP ${shortNumber(loopbackMbPerSecond)} MB/s`,
    `sequential write ${shortNumber(writeMbPerSecond)} MB/s`,
  ];
  const times = [
    `a wake between processes ${shortNumber(1000 * limits.wakeMs)} us`,
    `fdatasync ${shortNumber(limits.syncMs)} ms`,
  ];
  return `Limits of this machine: ${[...rates, ...times].join(', ')}.\n`;
}
