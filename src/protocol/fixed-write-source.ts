import type { ResolvedField } from './resolved-struct.ts';

/** The statements that check a value of fixed size and write it at `p + offset`. */
export function fixedWriteSource(
  type: ResolvedField['type'],
  value: string,
  offset: number,
  where: string,
): string {
  const check = (isBad: string, what: string) =>
    `if (${isBad}) R.bad('${what}', ${value}, ${where});`;
  const byte = (i: number) => (offset + i === 0 ? 'b[p]' : `b[p + ${offset + i}]`);
  const at = offset === 0 ? 'p' : `p + ${offset}`;
  const two = `${byte(0)} = ${value} >> 8; ${byte(1)} = ${value};`;
  const four =
    `${byte(0)} = ${value} >> 24; ${byte(1)} = ${value} >> 16;` +
    ` ${byte(2)} = ${value} >> 8; ${byte(3)} = ${value};`;
  switch (type) {
    case 'bool':
      return `${check(`typeof ${value} !== 'boolean'`, 'a boolean')}
${byte(0)} = ${value} ? 1 : 0;`;
    case 'int8':
      return `${check(`${value} << 24 >> 24 !== ${value}`, 'an int8')} ${byte(0)} = ${value};`;
    case 'int16':
      return `${check(`${value} << 16 >> 16 !== ${value}`, 'an int16')} ${two}`;
    case 'uint16':
      return `${check(`(${value} & 65535) !== ${value}`, 'a uint16')} ${two}`;
    case 'int32':
      return `${check(`(${value} | 0) !== ${value}`, 'an int32')} ${four}`;
    case 'uint32':
      return `${check(`${value} >>> 0 !== ${value}`, 'a uint32')} ${four}`;
    case 'int64':
      return `${check(`!Number.isSafeInteger(${value})`, 'an int64')} R.int64(b, ${at}, ${value});`;
    case 'float64':
      return `${check(`typeof ${value} !== 'number'`, 'a number')}
b.writeDoubleBE(${value}, ${at});`;
    default:
      return check(`!R.uuid(b, ${at}, ${value})`, 'a uuid of 22 characters');
  }
}
