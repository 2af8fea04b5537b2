import {
  array,
  int16,
  int32,
  int64,
  message,
  nested,
  string,
  struct,
  uint16,
  uuid,
} from '../schema-dsl.ts';

export interface LeaderChangeMessage {
  version: number;
  leaderId: number;
  voters: LeaderChangeMessageVoter[];
  grantingVoters: LeaderChangeMessageVoter[];
}

export interface LeaderChangeMessageVoter {
  voterId: number;
  voterDirectoryId: string;
}

export interface SnapshotHeaderRecord {
  version: number;
  lastContainedLogTimestamp: number;
}

export interface SnapshotFooterRecord {
  version: number;
}

export interface KRaftVersionRecord {
  version: number;
  kRaftVersion: number;
}

export interface VotersRecord {
  version: number;
  voters: VotersRecordVoter[];
}

export interface VotersRecordVoter {
  voterId: number;
  voterDirectoryId: string;
  endpoints: VotersRecordEndpoint[];
  kRaftVersionFeature: VotersRecordKRaftVersionFeature;
}

export interface VotersRecordEndpoint {
  name: string;
  host: string;
  port: number;
}

export interface VotersRecordKRaftVersionFeature {
  minSupportedVersion: number;
  maxSupportedVersion: number;
}

const leaderChangeMessageVoter = struct<LeaderChangeMessageVoter>({
  voterId: int32('0+'),
  voterDirectoryId: uuid('1+'),
});

export const LEADER_CHANGE_MESSAGE = message({
  name: 'LeaderChangeMessage',
  versions: '0-1',
  flexible: '0+',
  body: struct<LeaderChangeMessage>({
    version: int16('0+'),
    leaderId: int32('0+'),
    voters: array('0+', leaderChangeMessageVoter),
    grantingVoters: array('0+', leaderChangeMessageVoter),
  }),
});

export const SNAPSHOT_HEADER_RECORD = message({
  name: 'SnapshotHeaderRecord',
  versions: '0',
  flexible: '0+',
  body: struct<SnapshotHeaderRecord>({
    version: int16('0+'),
    lastContainedLogTimestamp: int64('0+'),
  }),
});

export const SNAPSHOT_FOOTER_RECORD = message({
  name: 'SnapshotFooterRecord',
  versions: '0',
  flexible: '0+',
  body: struct<SnapshotFooterRecord>({
    version: int16('0+'),
  }),
});

export const KRAFT_VERSION_RECORD = message({
  name: 'KRaftVersionRecord',
  versions: '0',
  flexible: '0+',
  body: struct<KRaftVersionRecord>({
    version: int16('0+'),
    kRaftVersion: int16('0+'),
  }),
});

export const VOTERS_RECORD = message({
  name: 'VotersRecord',
  versions: '0',
  flexible: '0+',
  body: struct<VotersRecord>({
    version: int16('0+'),
    voters: array(
      '0+',
      struct<VotersRecordVoter>({
        voterId: int32('0+'),
        voterDirectoryId: uuid('0+'),
        endpoints: array(
          '0+',
          struct<VotersRecordEndpoint>({
            name: string('0+'),
            host: string('0+'),
            port: uint16('0+'),
          }),
        ),
        kRaftVersionFeature: nested(
          '0+',
          struct<VotersRecordKRaftVersionFeature>({
            minSupportedVersion: int16('0+'),
            maxSupportedVersion: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
