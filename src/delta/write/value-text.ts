import { type DeltaType, findField } from '../schema/schema.ts';
import { decimalText } from './value-fit.ts';
import { refused } from './row-source.ts';
import { isPlainObject, shownKind } from '../../core/kinds.ts';
import { isList } from './value-type.ts';

/**
 * A value as a text that the engine casts to its type without loss: of a scalar its digits or letters, of a list, struct
 * or map JSON, in which every scalar is such a text. Null for null.
 *
 * @param type One that holds the value, with every member that it has.
 */
export function valueText(value: unknown, type: DeltaType): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'variant') return variantText(value);
  return typeof type === 'string' ? scalarText(value, type) : nestedText(value, type);
}

function nestedText(value: unknown, type: Exclude<DeltaType, string>): string {
  switch (type.type) {
    case 'array': {
      const items = isIterable(value) ? Array.from(value, (item) => jsonText(item, type.elementType)) : [];
      return `[${items.join(',')}]`;
    }
    case 'map': {
      const entries = value instanceof Map ? [...value] : Object.entries(isPlainObject(value) ? value : {});
      const keys = entries.map(([key]) => jsonText(key, type.keyType));
      if (new Set(keys).size < keys.length)
        throw refused(`a map has one key twice: ${keys.toSorted().join(', ')}`);
      const members = entries.map(
        ([, member], index) => `${keys[index]}:${jsonText(member, type.valueType)}`,
      );
      return `{${members.join(',')}}`;
    }
    case 'struct': {
      const own = new Map(
        Object.entries(isPlainObject(value) ? value : {}).map(([name, member]) => [
          findField(type, name)?.name,
          member,
        ]),
      );
      const members = type.fields.map(
        ({ name, type: inner }) => `${JSON.stringify(name)}:${jsonText(own.get(name), inner)}`,
      );
      return `{${members.join(',')}}`;
    }
    default:
      return type satisfies never;
  }
}

function jsonText(value: unknown, type: DeltaType): string {
  if (value === null || value === undefined) return 'null';
  if (type === 'variant') return variantText(value);
  return typeof type === 'string' ? JSON.stringify(scalarText(value, type)) : nestedText(value, type);
}

/** JSON: a variant takes whatever that can say; bigints keep their digits, Dates are text. */
function variantText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (isList(value)) return `[${Array.from(value, variantText).join(',')}]`;
  if (value === null || value === undefined) return 'null';
  const members = value instanceof Map ? Object.fromEntries(value) : value;
  if (isPlainObject(members)) {
    const each = Object.entries(members).filter(([, member]) => member !== undefined);
    return `{${each.map(([name, member]) => `${JSON.stringify(name)}:${variantText(member)}`).join(',')}}`;
  }
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Number.isFinite(value) ||
    value instanceof Date
  )
    return JSON.stringify(value);
  throw refused(`a variant takes what JSON can say, and ${shownKind(value)} is not among it`);
}

function scalarText(value: unknown, type: DeltaType): string {
  if (value instanceof Date) return type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
  if (value instanceof Uint8Array) return bytesText(value);
  if (Object.is(value, -0)) return type === 'float' || type === 'double' ? '-0.0' : '0';
  return (
    (typeof type === 'string' && type.startsWith('decimal') ? decimalText(value) : undefined) ?? String(value)
  );
}

/** Every byte as the engine's own escape. */
function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('hex')
    .replaceAll(/../g, String.raw`\x$&`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
