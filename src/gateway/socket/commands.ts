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
  return { topics: topicRows(front, choice) };
}

/** Stands for authentication: every token is accepted. */
function auth(_session: Session, fields: Fields): Answer {
  fields.text('token');
  return { principal: 'anonymous' };
}
