import { api, array, bool, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface UpdateFeaturesRequest {
  timeoutMs: number;
  featureUpdates: UpdateFeaturesRequestFeatureUpdateKey[];
  validateOnly: boolean;
}

export interface UpdateFeaturesRequestFeatureUpdateKey {
  feature: string;
  maxVersionLevel: number;
  allowDowngrade: boolean;
  upgradeType: number;
}

export interface UpdateFeaturesResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  results: UpdateFeaturesResponseUpdatableFeatureResult[];
}

export interface UpdateFeaturesResponseUpdatableFeatureResult {
  feature: string;
  errorCode: number;
  errorMessage: string | null;
}

export const UPDATE_FEATURES = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: '0-2',
  flexible: '0+',
  request: struct<UpdateFeaturesRequest>({
    timeoutMs: int32('0+', { default: 60000 }),
    featureUpdates: array(
      '0+',
      struct<UpdateFeaturesRequestFeatureUpdateKey>({
        feature: string('0+'),
        maxVersionLevel: int16('0+'),
        allowDowngrade: bool('0'),
        upgradeType: int8('1+', { default: 1 }),
      }),
    ),
    validateOnly: bool('1+', { default: false }),
  }),
  response: struct<UpdateFeaturesResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    results: array(
      '0-1',
      struct<UpdateFeaturesResponseUpdatableFeatureResult>({
        feature: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
      { ignorable: true },
    ),
  }),
});
