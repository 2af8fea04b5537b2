/**
 * How far a broker is with the controllers: `registered`, `caught-up` with the metadata of its
 * registration, `unfenced` (clients are sent to it), `fenced` again, and `may-stop`.
 */
export type MemberState = 'registered' | 'caught-up' | 'unfenced' | 'fenced' | 'may-stop';

export interface MembershipSink {
  /** The epoch is that of the registration. */
  onMember(state: MemberState, epoch: number): void;
  /** A heartbeat was answered. It left so long after its time, and the answer took so long. */
  onHeartbeat(lateMs: number, answerMs: number): void;
}
