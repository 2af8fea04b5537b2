import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { MillraceError, reasonOf } from '../base/errors.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import { AuditLog } from '../security/audit/audit-log.ts';

/** Only who runs the broker may read what is in it. */
const MODE = 0o600;
const LOG_INTERVAL_MS = 10_000;

/**
 * The audit log as `millrace.audit.log` asks: `log` puts its lines into the log, `none` writes
 * nothing, and anything else is the path of a file that lines are added to.
 */
export function auditLog(target: string, logger: Logger, clock: Clock): AuditLog | null {
  if (target === 'none') return null;
  if (target === 'log') return new AuditLog((line) => logger.info(`audit ${line}`), clock);
  refuseUnwritable(target);
  const faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
  // The path is opened for each line, so that the file may be moved away and begun anew.
  const write = (line: string): void => {
    try {
      appendFileSync(target, `${line}\n`, { mode: MODE });
    } catch (thrown) {
      const text = `the audit log cannot be written: ${reasonOf(thrown)}`;
      faults.warn('audit', text, clock.monotonicMs());
    }
  };
  return new AuditLog(write, clock);
}

function refuseUnwritable(path: string): void {
  try {
    closeSync(openSync(path, 'a', MODE));
  } catch (thrown) {
    const message = `millrace.audit.log: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
}
