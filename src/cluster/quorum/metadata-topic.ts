/** The topic that the controllers keep the metadata in. Its id is the same in every cluster. */
export const METADATA_TOPIC = {
  NAME: '__cluster_metadata',
  ID: 'AAAAAAAAAAAAAAAAAAAAAQ',
  PARTITION: 0,
} as const;
