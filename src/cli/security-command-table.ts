import { ENTRIES, RESOURCES } from './acls/acl-options.ts';
import { CLIENT } from './client-table.ts';
import type { CommandSpec, OptionTable } from './command.ts';
import { OUTPUT } from './output-table.ts';
import { QUOTA_ENTITY } from './quotas/quota-entity.ts';

const USER: OptionTable = { user: { value: 'NAME', repeatable: true, help: 'as an operand' } };

const USER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'users list',
    operands: '[NAME…]',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'list the users that have a password for SASL/SCRAM',
    options: { ...CLIENT, ...USER, ...OUTPUT },
    load: async () => (await import('./users/list.ts')).listUsers,
  },
  {
    name: 'users add',
    operands: 'NAME',
    operandsMax: 1,
    summary: 'give a user a password for SASL/SCRAM, or a new one',
    options: {
      ...CLIENT,
      ...USER,
      'password-file': { value: 'FILE', help: 'its first line; standard input unless given' },
      mechanism: { value: 'NAME', help: 'SCRAM-SHA-256 or SCRAM-SHA-512; SCRAM-SHA-512' },
      iterations: { value: 'N', help: 'from 4096 to 16384; 4096' },
      ...OUTPUT,
    },
    load: async () => (await import('./users/add.ts')).addUser,
  },
  {
    name: 'users delete',
    operands: 'NAME…',
    operandsMax: Number.POSITIVE_INFINITY,
    summary: 'take passwords away; the connections of these users end',
    options: {
      ...CLIENT,
      ...USER,
      mechanism: { value: 'NAME', help: 'only the password for this one' },
      ...OUTPUT,
    },
    load: async () => (await import('./users/delete.ts')).deleteUsers,
  },
];

const ACL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'acls list',
    operands: '',
    operandsMax: 0,
    summary: 'list who may do what, as kafka-acls prints it',
    options: {
      ...CLIENT,
      ...RESOURCES,
      principal: { value: 'USER', repeatable: true, help: 'only the rules for User:NAME' },
      ...OUTPUT,
    },
    load: async () => (await import('./acls/list.ts')).listAcls,
  },
  {
    name: 'acls add',
    operands: '',
    operandsMax: 0,
    summary: 'allow or deny something',
    options: { ...CLIENT, ...RESOURCES, ...ENTRIES, ...OUTPUT },
    load: async () => (await import('./acls/add.ts')).addAcls,
  },
  {
    name: 'acls remove',
    operands: '',
    operandsMax: 0,
    summary: 'take rules away; without a principal all of the resource',
    options: { ...CLIENT, ...RESOURCES, ...ENTRIES, ...OUTPUT },
    load: async () => (await import('./acls/remove.ts')).removeAcls,
  },
];

const QUOTA_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'quotas list',
    operands: '',
    operandsMax: 0,
    summary: 'list how much users, clients and addresses may use',
    options: { ...CLIENT, ...QUOTA_ENTITY, ...OUTPUT },
    load: async () => (await import('./quotas/list.ts')).listQuotas,
  },
  {
    name: 'quotas alter',
    operands: '',
    operandsMax: 0,
    summary: 'set quotas, or take them away',
    options: {
      ...CLIENT,
      ...QUOTA_ENTITY,
      add: {
        value: 'NAME=VALUE',
        repeatable: true,
        help: 'producer_byte_rate, consumer_byte_rate, request_percentage, …',
      },
      delete: { value: 'NAME', repeatable: true, help: 'take this quota away' },
      'validate-only': { help: 'say whether it could be done, and leave it at that' },
      ...OUTPUT,
    },
    load: async () => (await import('./quotas/alter.ts')).alterQuotas,
  },
];

export const SECURITY_COMMANDS: readonly CommandSpec[] = [
  ...USER_COMMANDS,
  ...ACL_COMMANDS,
  ...QUOTA_COMMANDS,
];
