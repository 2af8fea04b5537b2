/** The values of JSON: a description is made of nothing else. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [name: string]: YamlValue };

const PLAIN_KEY = /^[A-Za-z][A-Za-z0-9-]*$/;
/** Words that YAML 1.1 does not read as text. */
const TAKEN = ['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'];
const STEP = '  ';

/** Lists and objects are in block style. Texts are quoted as in JSON, which YAML reads the same. */
export function toYaml(value: YamlValue): string {
  return `${blockOf(value, '').trimStart()}\n`;
}

function blockOf(value: YamlValue, indent: string): string {
  if (isList(value)) {
    if (value.every(isScalar)) return ` [${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    return value.map((one) => `\n${indent}- ${listItem(one, indent)}`).join('');
  }
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`;
  const entries = Object.entries(value);
  if (entries.length === 0) return ' {}';
  return entries
    .map(([key, inner]) => `\n${indent}${keyOf(key)}:${blockOf(inner, indent + STEP)}`)
    .join('');
}

function listItem(value: YamlValue, indent: string): string {
  return blockOf(value, indent + STEP).trimStart();
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isScalar(value: YamlValue): boolean {
  return typeof value !== 'object' || value === null;
}

function keyOf(key: string): string {
  const isPlain = PLAIN_KEY.test(key) && !TAKEN.includes(key.toLowerCase());
  return isPlain ? key : JSON.stringify(key);
}
