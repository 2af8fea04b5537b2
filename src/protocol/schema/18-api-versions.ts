import { api, array, bool, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface ApiVersionsRequest {
  clientSoftwareName: string;
  clientSoftwareVersion: string;
}

export interface ApiVersionsResponse {
  errorCode: number;
  apiKeys: ApiVersionsResponseApiVersion[];
  throttleTimeMs: number;
  supportedFeatures: ApiVersionsResponseSupportedFeatureKey[];
  finalizedFeaturesEpoch: number;
  finalizedFeatures: ApiVersionsResponseFinalizedFeatureKey[];
  zkMigrationReady: boolean;
}

export interface ApiVersionsResponseApiVersion {
  apiKey: number;
  minVersion: number;
  maxVersion: number;
}

export interface ApiVersionsResponseSupportedFeatureKey {
  name: string;
  minVersion: number;
  maxVersion: number;
}

export interface ApiVersionsResponseFinalizedFeatureKey {
  name: string;
  maxVersionLevel: number;
  minVersionLevel: number;
}

export const API_VERSIONS = api({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: struct<ApiVersionsRequest>({
    clientSoftwareName: string('3+', { ignorable: true }),
    clientSoftwareVersion: string('3+', { ignorable: true }),
  }),
  response: struct<ApiVersionsResponse>({
    errorCode: int16('0+'),
    apiKeys: array(
      '0+',
      struct<ApiVersionsResponseApiVersion>({
        apiKey: int16('0+'),
        minVersion: int16('0+'),
        maxVersion: int16('0+'),
      }),
    ),
    throttleTimeMs: int32('1+', { ignorable: true }),
    supportedFeatures: array(
      '3+',
      struct<ApiVersionsResponseSupportedFeatureKey>({
        name: string('3+'),
        minVersion: int16('3+'),
        maxVersion: int16('3+'),
      }),
      { tag: 0, tagged: '3+', ignorable: true },
    ),
    finalizedFeaturesEpoch: int64('3+', { tag: 1, tagged: '3+', default: -1, ignorable: true }),
    finalizedFeatures: array(
      '3+',
      struct<ApiVersionsResponseFinalizedFeatureKey>({
        name: string('3+'),
        maxVersionLevel: int16('3+'),
        minVersionLevel: int16('3+'),
      }),
      { tag: 2, tagged: '3+', ignorable: true },
    ),
    zkMigrationReady: bool('3+', { tag: 3, tagged: '3+', default: false, ignorable: true }),
  }),
});
