import {
  array,
  bool,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../schema-dsl.ts';

export interface RegisterBrokerRecord {
  brokerId: number;
  isMigratingZkBroker: boolean;
  incarnationId: string;
  brokerEpoch: number;
  endPoints: RegisterBrokerRecordBrokerEndpoint[];
  features: RegisterBrokerRecordBrokerFeature[];
  rack: string | null;
  fenced: boolean;
  inControlledShutdown: boolean;
  logDirs: string[];
  cordonedLogDirs: string[] | null;
}

export interface RegisterBrokerRecordBrokerEndpoint {
  name: string;
  host: string;
  port: number;
  securityProtocol: number;
}

export interface RegisterBrokerRecordBrokerFeature {
  name: string;
  minSupportedVersion: number;
  maxSupportedVersion: number;
}

export interface UnregisterBrokerRecord {
  brokerId: number;
  brokerEpoch: number;
}

export interface FenceBrokerRecord {
  id: number;
  epoch: number;
}

export interface UnfenceBrokerRecord {
  id: number;
  epoch: number;
}

export interface BrokerRegistrationChangeRecord {
  brokerId: number;
  brokerEpoch: number;
  fenced: number;
  inControlledShutdown: number;
  logDirs: string[];
  cordonedLogDirs: string[] | null;
}

export interface RegisterControllerRecord {
  controllerId: number;
  incarnationId: string;
  zkMigrationReady: boolean;
  endPoints: RegisterControllerRecordControllerEndpoint[];
  features: RegisterControllerRecordControllerFeature[];
}

export interface RegisterControllerRecordControllerEndpoint {
  name: string;
  host: string;
  port: number;
  securityProtocol: number;
}

export interface RegisterControllerRecordControllerFeature {
  name: string;
  minSupportedVersion: number;
  maxSupportedVersion: number;
}

export const REGISTER_BROKER_RECORD = message({
  name: 'RegisterBrokerRecord',
  recordType: 0,
  versions: '0-4',
  flexible: '0+',
  body: struct<RegisterBrokerRecord>({
    brokerId: int32('0+'),
    isMigratingZkBroker: bool('2+'),
    incarnationId: uuid('0+'),
    brokerEpoch: int64('0+'),
    endPoints: array(
      '0+',
      struct<RegisterBrokerRecordBrokerEndpoint>({
        name: string('0+'),
        host: string('0+'),
        port: uint16('0+'),
        securityProtocol: int16('0+'),
      }),
    ),
    features: array(
      '0+',
      struct<RegisterBrokerRecordBrokerFeature>({
        name: string('0+'),
        minSupportedVersion: int16('0+'),
        maxSupportedVersion: int16('0+'),
      }),
    ),
    rack: string('0+', { nullable: '0+' }),
    fenced: bool('0+', { default: true }),
    inControlledShutdown: bool('1+'),
    logDirs: array('3+', 'uuid', { tag: 0, tagged: '3+' }),
    cordonedLogDirs: array('4+', 'uuid', { nullable: '4+', tag: 1, tagged: '4+', default: null }),
  }),
});

export const UNREGISTER_BROKER_RECORD = message({
  name: 'UnregisterBrokerRecord',
  recordType: 1,
  versions: '0',
  flexible: '0+',
  body: struct<UnregisterBrokerRecord>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+'),
  }),
});

export const FENCE_BROKER_RECORD = message({
  name: 'FenceBrokerRecord',
  recordType: 7,
  versions: '0',
  flexible: '0+',
  body: struct<FenceBrokerRecord>({
    id: int32('0+'),
    epoch: int64('0+'),
  }),
});

export const UNFENCE_BROKER_RECORD = message({
  name: 'UnfenceBrokerRecord',
  recordType: 8,
  versions: '0',
  flexible: '0+',
  body: struct<UnfenceBrokerRecord>({
    id: int32('0+'),
    epoch: int64('0+'),
  }),
});

export const BROKER_REGISTRATION_CHANGE_RECORD = message({
  name: 'BrokerRegistrationChangeRecord',
  recordType: 17,
  versions: '0-3',
  flexible: '0+',
  body: struct<BrokerRegistrationChangeRecord>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+'),
    fenced: int8('0+', { tag: 0, tagged: '0+' }),
    inControlledShutdown: int8('1+', { tag: 1, tagged: '1+' }),
    logDirs: array('2+', 'uuid', { tag: 2, tagged: '2+' }),
    cordonedLogDirs: array('3+', 'uuid', { nullable: '3+', tag: 3, tagged: '3+', default: null }),
  }),
});

export const REGISTER_CONTROLLER_RECORD = message({
  name: 'RegisterControllerRecord',
  recordType: 27,
  versions: '0',
  flexible: '0+',
  body: struct<RegisterControllerRecord>({
    controllerId: int32('0+'),
    incarnationId: uuid('0+'),
    zkMigrationReady: bool('0+'),
    endPoints: array(
      '0+',
      struct<RegisterControllerRecordControllerEndpoint>({
        name: string('0+'),
        host: string('0+'),
        port: uint16('0+'),
        securityProtocol: int16('0+'),
      }),
    ),
    features: array(
      '0+',
      struct<RegisterControllerRecordControllerFeature>({
        name: string('0+'),
        minSupportedVersion: int16('0+'),
        maxSupportedVersion: int16('0+'),
      }),
    ),
  }),
});
