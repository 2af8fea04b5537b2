import { isRefusal } from '../access/access.ts';
import { CommandError } from '../command/command-error.ts';
import type { Fields } from '../command/fields.ts';
import { TopicChoice } from '../stream/topic-choice.ts';
import { topicRows } from '../stream/topic-rows.ts';
import { produce, producer } from './produce-commands.ts';
import type { Answer, Session } from './session.ts';
import { ack, credit, position, seek, subscribe, unsubscribe } from './stream-commands.ts';

export type Command = (session: Session, fields: Fields) => Answer | Promise<Answer>;

/** All commands by `type`. */
export const commands: Readonly<Record<string, Command>> = {
  subscribe,
  unsubscribe,
  credit,
  ack,
  seek,
  position,
  produce,
  producer,
  topics,
  ping: () => ({ time: Date.now() }),
  auth,
};

function topics(session: Session, fields: Fields): Answer {
  const { front } = session.services;
  const isAsked = fields.has('pattern') || fields.has('topic') || fields.has('topics');
  const choice = isAsked ? TopicChoice.parse(fields) : null;
  return { topics: topicRows(front, choice, session.rights) };
}

/** The client says who it is, by a token, a ticket, or user and password. */
async function auth(session: Session, fields: Fields): Promise<Answer> {
  const { access } = session.services;
  const token = fields.text('token');
  const ticket = fields.text('ticket');
  const { clientAddress } = session;
  if (!access.isRequired) return { principal: 'anonymous' };
  const answer =
    token !== undefined
      ? await access.byToken(token, clientAddress)
      : ticket !== undefined
        ? access.byTicket(ticket, clientAddress)
        : await access.byPassword(
            fields.requiredText('user'),
            fields.requiredText('password'),
            clientAddress,
          );
  if (isRefusal(answer)) throw CommandError.notLetIn(answer);
  session.identify(answer);
  return { principal: answer.principal.name };
}
