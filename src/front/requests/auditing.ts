import type { AuditDetails, AuditLog, AuditSubject } from '../../security/audit/audit-log.ts';
import type { Call } from '../net/call.ts';

/** Tells the audit log what the clients of calls do. Without a log it tells nobody. */
export class Auditing {
  readonly log: AuditLog | null;

  constructor(log: AuditLog | null) {
    this.log = log;
  }

  changed(call: Call, what: string, details: AuditDetails): void {
    this.log?.changed(subjectOf(call), what, details);
  }

  failedToAuthenticate(call: Call, reason: string): void {
    this.log?.failed(subjectOf(call), call.connection.sasl?.mechanism ?? '', reason);
  }
}

function subjectOf({ connection }: Call): AuditSubject {
  const { type, name } = connection.principal;
  return { principal: `${type}:${name}`, address: connection.clientAddress };
}
