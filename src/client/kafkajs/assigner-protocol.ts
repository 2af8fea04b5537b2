import { ProtocolReader } from '../consumer/assign/protocol-reader.ts';
import { ProtocolWriter } from '../consumer/assign/protocol-writer.ts';
import type { Assignment, MemberAssignment, MemberMetadata } from './types.ts';

/** What members of a group say when they join, and what the leader answers, in bytes. */
export const AssignerProtocol = {
  MemberMetadata: {
    encode({ version, topics, userData }: Encodable<MemberMetadata>): Buffer {
      const writer = new ProtocolWriter().int16(version).texts(topics);
      return writer.bytes(userData ?? Buffer.alloc(0)).finish();
    },
    decode(bytes: Buffer): MemberMetadata | null {
      return ProtocolReader.tryRead(bytes, (reader) => ({
        version: reader.int16(),
        topics: reader.texts(),
        userData: bufferOf(reader.nullableBytes()),
      }));
    },
  },
  MemberAssignment: {
    encode({ version, assignment, userData }: Encodable<MemberAssignment>): Buffer {
      const partitions = Object.entries(assignment).flatMap(([topic, list]) => {
        return list.map((partition) => ({ topic, partition }));
      });
      const writer = new ProtocolWriter().int16(version).partitions(partitions);
      return writer.bytes(userData ?? Buffer.alloc(0)).finish();
    },
    decode(bytes: Buffer): MemberAssignment | null {
      if (bytes.length < 2) return null;
      return ProtocolReader.tryRead(bytes, (reader) => {
        const version = reader.int16();
        const assignment: Assignment = {};
        for (const { topic, partition } of reader.partitions()) {
          if (!Object.hasOwn(assignment, topic)) assignment[topic] = [];
          assignment[topic]!.push(partition);
        }
        return { version, assignment, userData: bufferOf(reader.nullableBytes()) };
      });
    },
  },
};

type Encodable<T extends { userData: Buffer }> = Omit<T, 'userData'> & { userData?: Buffer };

function bufferOf(bytes: Uint8Array | null): Buffer {
  return bytes === null ? Buffer.alloc(0) : Buffer.from(bytes);
}
