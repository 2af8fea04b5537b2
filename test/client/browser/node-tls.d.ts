/** A type alone: a browser chooses certificates itself. */
declare module 'node:tls' {
  export type ConnectionOptions = object;
}
