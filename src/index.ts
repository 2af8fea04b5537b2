export { MillraceError } from './base/errors.ts';
