import { api, array, bool, int16, int32, string, struct, uint16, uuid } from '../schema-dsl.ts';

export interface ControllerRegistrationRequest {
  controllerId: number;
  incarnationId: string;
  zkMigrationReady: boolean;
  listeners: ControllerRegistrationRequestListener[];
  features: ControllerRegistrationRequestFeature[];
}

export interface ControllerRegistrationRequestListener {
  name: string;
  host: string;
  port: number;
  securityProtocol: number;
}

export interface ControllerRegistrationRequestFeature {
  name: string;
  minSupportedVersion: number;
  maxSupportedVersion: number;
}

export interface ControllerRegistrationResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
}

export const CONTROLLER_REGISTRATION = api({
  key: 70,
  name: 'ControllerRegistration',
  versions: '0',
  flexible: '0+',
  request: struct<ControllerRegistrationRequest>({
    controllerId: int32('0+'),
    incarnationId: uuid('0+'),
    zkMigrationReady: bool('0+'),
    listeners: array(
      '0+',
      struct<ControllerRegistrationRequestListener>({
        name: string('0+'),
        host: string('0+'),
        port: uint16('0+'),
        securityProtocol: int16('0+'),
      }),
    ),
    features: array(
      '0+',
      struct<ControllerRegistrationRequestFeature>({
        name: string('0+'),
        minSupportedVersion: int16('0+'),
        maxSupportedVersion: int16('0+'),
      }),
    ),
  }),
  response: struct<ControllerRegistrationResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  }),
});
