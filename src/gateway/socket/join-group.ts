import { CommandError } from '../command/command-error.ts';
import { badValue, type Fields } from '../command/fields.ts';
import { GroupCoordinator } from '../group/group-coordinator.ts';
import { GroupSubscription } from '../group/group-subscription.ts';
import type { StartPoint } from '../stream/start-point.ts';
import type { Subscription } from '../stream/subscription.ts';
import type { TopicChoice } from '../stream/topic-choice.ts';
import type { Answer, Session } from './session.ts';

const NAME_BYTES_MAX = 255;

/** Makes a subscription a member of a consumer group. Its partitions are told by events. */
export function joinGroup(
  session: Session,
  fields: Fields,
  subscription: Subscription,
  choice: TopicChoice,
  from: StartPoint,
): Answer {
  const { hub, groups, front } = session.services;
  const { sub } = subscription;
  const groupId = nameOf(fields, 'id');
  if (groupId === undefined) throw badValue(fields.path('id'), 'must be given');
  const instanceId = nameOf(fields, 'instance') ?? null;
  const memberId = nameOf(fields, 'member') ?? null;
  if (instanceId !== null && memberId !== null) {
    throw badValue(fields.path('member'), 'is not for members that have an instance name');
  }
  if (!session.rights.allows('READ', 'GROUP', groupId)) {
    const message = `group ${groupId} may not be joined`;
    throw new CommandError('forbidden', message, fields.path('id'));
  }
  if (choice.hasPartitions) throw badValue('partitions', 'is what the group decides');
  choice.resolve(front, () => false);
  if (instanceId !== null && session.holdsInstance(groupId, instanceId)) {
    const message = `this socket is already instance ${instanceId} of ${groupId}`;
    throw new CommandError('group_failed', message, fields.path('instance'));
  }
  if (memberId !== null && session.holdsMember(groupId, memberId)) {
    const message = `this socket is already member ${memberId} of ${groupId}`;
    throw new CommandError('group_failed', message, fields.path('member'));
  }
  const coordinator = new GroupCoordinator(front, groupId, session.remoteAddress);
  const tell = (event: Readonly<Record<string, unknown>>): void => {
    if (event.type === 'ended') session.drop(sub);
    const { type, ...rest } = event;
    session.sendEvent({ type, sub, ...rest });
  };
  if (instanceId !== null) groups.ofInstance(groupId, instanceId)?.replace();
  if (memberId !== null) groups.ofId(groupId, memberId)?.replace();
  const grouped = new GroupSubscription(
    coordinator,
    instanceId,
    memberId,
    groups,
    hub,
    subscription,
    choice,
    from,
    tell,
  );
  session.held.set(sub, {
    subscription,
    group: grouped.member,
    moving: null,
    ack: (asked) => grouped.ack(asked),
    end: () => {
      grouped.close();
      hub.end(subscription);
    },
  });
  grouped.member.start();
  return { sub, group: groupId, member: grouped.member.memberId };
}

function nameOf(fields: Fields, name: string): string | undefined {
  const text = fields.text(name);
  if (text === undefined) return undefined;
  if (text !== '' && Buffer.byteLength(text) <= NAME_BYTES_MAX) return text;
  throw badValue(fields.path(name), `must be 1 to ${NAME_BYTES_MAX} bytes long`);
}
