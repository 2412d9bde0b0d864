import { isNode } from '../../engine/sql-tree.ts';
import { type Constant, constantOf, nodesOf } from './expression.ts';
import { sparkText } from './quote.ts';

/** Spark SQL of a constant; undefined where Spark has no such value. */
export function literal({ value, type }: Constant): string | undefined {
  const { spark } = type;
  if (value === null) return type.id === 'NULL' ? 'NULL' : spark && `CAST(NULL AS ${spark})`;
  switch (type.id) {
    case 'BOOLEAN':
      return numeral(value);
    case 'TINYINT':
      return `${numeral(value)}Y`;
    case 'SMALLINT':
      return `${numeral(value)}S`;
    case 'INTEGER':
      return numeral(value);
    case 'BIGINT':
      return `${numeral(value)}L`;
    case 'DOUBLE': {
      const number = numeral(value);
      return /\d/.test(number) ? `${number}D` : `CAST('${number}' AS DOUBLE)`;
    }
    case 'HUGEINT':
    case 'DECIMAL':
      return `CAST('${decimal(wide(value), type.scale)}' AS ${spark})`;
    case 'VARCHAR':
      return textLiteral(value);
    case 'DATE':
      return instant(BigInt(numeral(value)) * MICROS_OF_DAY, (text) => `DATE'${text.slice(0, 10)}'`);
    case 'TIMESTAMP':
      return instant(BigInt(numeral(value)), (text) => `TIMESTAMP_NTZ'${text}'`);
    case 'TIMESTAMP WITH TIME ZONE':
      return instant(BigInt(numeral(value)), (text) => `TIMESTAMP_LTZ'${text}Z'`);
    case 'LIST':
    case 'STRUCT': {
      const parts = isNode(value) ? nodesOf(value['children']).map((each) => literal(constantOf(each))) : [];
      if ([...parts, ...type.fields.map(textLiteral)].includes(undefined) || spark === undefined)
        return undefined;
      const named = parts.flatMap((part, index) => [sparkText(type.fields[index] ?? ''), part]);
      const made = type.id === 'LIST' ? `array(${parts.join(', ')})` : `named_struct(${named.join(', ')})`;
      return `CAST(${made} AS ${spark})`;
    }
    default:
      return undefined;
  }
}

const MICROS_OF_DAY = 86_400_000_000n;

/** Spark's dates go from the first to the last year of four digits. */
function instant(micros: bigint, write: (text: string) => string): string | undefined {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  if (millis < -62_135_596_800_000n || millis > 253_402_300_799_999n) return undefined;
  const rest = String(micros - millis * 1000n).padStart(3, '0');
  return write(new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', rest));
}

/** Of a text; undefined where it has a NUL, which no SQL text can hold. */
export function textLiteral(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : '';
  return text.includes('\0') ? undefined : sparkText(text);
}

/** A number as it is written: those that JavaScript would round are texts, behind a NUL. */
export function numeral(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace('\0', '');
}

function wide(value: unknown): bigint {
  if (!isNode(value)) return BigInt(numeral(value));
  return (BigInt(numeral(value['upper'])) << 64n) + BigInt(numeral(value['lower']));
}

function decimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}
