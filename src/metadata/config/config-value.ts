import type { ConfigCheck, ConfigDefinition } from './config-definition.ts';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;
const VALUE_CHARS_MAX = 32_767;

/** What is wrong with a value, in Kafka's words, or null. */
export function errorOfValue(definition: ConfigDefinition, text: string): string | null {
  if (text.length > VALUE_CHARS_MAX) {
    return invalid(definition.name, `of ${text.length} characters`, 'Value is too long');
  }
  const trimmed = text.trim();
  switch (definition.type) {
    case 'BOOLEAN':
      if (/^(true|false)$/i.test(trimmed)) return null;
      return invalid(definition.name, text, 'Expected value to be either true or false');
    case 'INT':
    case 'SHORT':
    case 'LONG':
    case 'DOUBLE':
      return errorOfNumber(definition, trimmed);
    case 'LIST':
      return errorOfList(definition, trimmed);
    default:
      return errorOfText(definition.name, definition.check, trimmed);
  }
}

function invalid(name: string, value: string, why: string): string {
  return `Invalid value ${value} for configuration ${name}: ${why}`;
}

function errorOfNumber(definition: ConfigDefinition, text: string): string | null {
  const { name, type, check } = definition;
  if (!isNumberOf(type, text)) return invalid(name, text, `Not a number of type ${type}`);
  if (check.kind !== 'range') return null;
  const value = numberOf(text);
  if (value === check.or) return null;
  const shown = type === 'DOUBLE' && Number.isInteger(value) ? `${value}.0` : text;
  if (check.or !== null && (value < check.min || value > check.max)) {
    const why = `Value must be between ${check.min} and ${check.max} or equal to ${check.or}`;
    return invalid(name, shown, why);
  }
  if (value < check.min) return invalid(name, shown, `Value must be at least ${check.min}`);
  if (value > check.max) return invalid(name, shown, `Value must be no more than ${check.max}`);
  return null;
}

function isNumberOf(type: ConfigDefinition['type'], text: string): boolean {
  if (type === 'DOUBLE') return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  if (!/^[+-]?\d{1,20}$/.test(text)) return false;
  if (type === 'LONG') {
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
    return value >= LONG_MIN && value <= LONG_MAX;
  }
  const value = Number(text);
  return type === 'INT'
    ? value >= INT_MIN && value <= INT_MAX
    : value >= -32_768 && value <= 32_767;
}

function errorOfList(definition: ConfigDefinition, text: string): string | null {
  const { name, check } = definition;
  const items = listOf(text);
  if (check.kind === 'throttled-replicas') {
    if (items.every((item) => /^\d+:\d+$/.test(item)) || text === '*') return null;
    const form = '[partitionId]:[brokerId],[partitionId]:[brokerId],...';
    const why = `${name} must be the literal '*' or a list of replicas in the following format:`;
    return invalid(name, `[${items.join(', ')}]`, `${why} ${form}`);
  }
  for (const item of items) {
    const error = errorOfText(name, check, item);
    if (error !== null) return error;
  }
  return null;
}

function errorOfText(name: string, check: ConfigCheck, text: string): string | null {
  if (check.kind !== 'one-of') return null;
  const known = check.anyCase
    ? check.values.some((value) => value.toLowerCase() === text.toLowerCase())
    : check.values.includes(text);
  if (known) return null;
  const why = check.anyCase
    ? 'String must be one of (case insensitive):'
    : 'String must be one of:';
  return invalid(name, text, `${why} ${check.values.join(', ')}`);
}

/** The smallest and largest int64 mean no limit in Kafka. They become the largest exact number. */
export function numberOf(text: string): number {
  const value = Number(text);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

export function booleanOf(text: string): boolean {
  return text.trim().toLowerCase() === 'true';
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
