import { api, int16, int32, string, struct } from '../schema-dsl.ts';

export interface HeartbeatRequest {
  groupId: string;
  generationId: number;
  memberId: string;
  groupInstanceId: string | null;
}

export interface HeartbeatResponse {
  throttleTimeMs: number;
  errorCode: number;
}

export const HEARTBEAT = api({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexible: '4+',
  request: struct<HeartbeatRequest>({
    groupId: string('0+'),
    generationId: int32('0+'),
    memberId: string('0+'),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
  }),
  response: struct<HeartbeatResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
  }),
});
