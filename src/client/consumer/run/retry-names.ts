import type { RetrySettings } from './run-options.ts';

/** The names are Spring's: those of `suffixTopicsWithIndexValues`. */
export function retryTopic(topic: string, index: number): string {
  return `${topic}${retrySuffix(index)}`;
}

/** Of a retry topic, and of the group that reads it. */
export function retrySuffix(index: number): string {
  return `-retry-${index}`;
}

export function deadLetterTopic(topic: string): string {
  return `${topic}-dlt`;
}

export function isSideTopic(name: string): boolean {
  return /-(retry-\d+|dlt)$/.test(name);
}

/** The pause before the retry of this number, which doubles from 0 on. */
export function backOffOf({ backoffMs, maxBackoffMs }: RetrySettings, index: number): number {
  return Math.min(backoffMs * 2 ** Math.min(index, 30), maxBackoffMs);
}
