import { constants } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';

/**
 * Writes a copy of a Parquet file whose footer says something else of columns that the engine reads with a loss of
 * digits, though their bytes are the same: an INT96 is twelve bytes, an instant of nanoseconds has no time zone.
 */
export async function copyWithoutLoss(from: string, to: string): Promise<void> {
  await copyWith(from, to, (footer) => footer.losses());
}

/**
 * Writes a copy of a Parquet file whose footer marks the variants in some of its columns as such: old writers did not,
 * and the engine puts shredded ones together that are marked.
 */
export async function copyWithVariants(
  from: string,
  to: string,
  columns: ReadonlySet<string>,
): Promise<void> {
  await copyWith(from, to, (footer) => footer.unmarkedVariants(columns));
}

async function copyWith(
  from: string,
  to: string,
  editsOf: (footer: Footer) => readonly Edit[],
): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(END_BYTES);
    await file.read(end, 0, END_BYTES, size - END_BYTES);
    const footer = Buffer.alloc(end.readUInt32LE(0));
    const start = size - END_BYTES - footer.length;
    await file.read(footer, 0, footer.length, start);
    const changed = applyEdits(footer, editsOf(new Footer(footer)));
    end.writeUInt32LE(changed.length, 0);
    await file.write(Buffer.concat([changed, end]), 0, changed.length + END_BYTES, start);
  } finally {
    await file.close();
  }
}

/** The footer's length and the mark `PAR1`. */
const END_BYTES = 8;

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly bytes: readonly number[];
}

function applyEdits(footer: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const { at, removed, bytes } of edits.toSorted((a, b) => a.at - b.at)) {
    pieces.push(footer.subarray(done, at), Buffer.from(bytes));
    done = at + removed;
  }
  return Buffer.concat([...pieces, footer.subarray(done)]);
}

/** Types of fields in Thrift's compact protocol. */
const BOOLEAN_TRUE = 1;
const BOOLEAN_FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

/** Numbers of the format's fields and values, as its Thrift definition has them. */
const FILE = { schema: 2, rowGroups: 4 };
const ELEMENT = { type: 1, typeLength: 2, name: 4, children: 5, logicalType: 10 };
const LOGICAL_TIMESTAMP = 8;
const TIMESTAMP = { isUtc: 1, unit: 2 };
const NANOSECONDS = 3;
const ROW_GROUP_COLUMNS = 1;
const CHUNK_METADATA = 3;
const METADATA = { type: 1 };
const INT96 = 3;
/** A logical type, number 16 of the union: a variant of the first specification. */
const VARIANT = [0x0c, zigzag(16), 0x13, 1, 0, 0];
const VARIANT_PARTS = ['metadata', 'typed_value', 'value'];
const FIXED_LENGTH = 7;
const INT96_BYTES = 12;

interface Field {
  readonly id: number;
  readonly type: number;
  /** Where its header begins, whose first byte has the step from the number of the field before it. */
  readonly at: number;
}

/** An element of the schema, which stand depth first. */
interface Element {
  readonly name: string;
  readonly children: number;
  /** The number of its last field. */
  readonly last: number;
  /** Where its fields end. */
  readonly end: number;
}

/** The places of a footer, in Thrift's compact protocol, that may have to say something else. */
class Footer {
  readonly #bytes: Buffer;
  readonly #edits: Edit[] = [];
  readonly #elements: Element[] = [];
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#struct(({ id, type }) => {
      if (id === FILE.schema) this.#list(() => this.#element());
      else if (id === FILE.rowGroups) this.#list(() => this.#rowGroup());
      else this.#skip(type);
    });
  }

  losses(): readonly Edit[] {
    return this.#edits;
  }

  /** Shredded ones. */
  unmarkedVariants(columns: ReadonlySet<string>): readonly Edit[] {
    const edits: Edit[] = [];
    const elements = this.#elements;
    const visit = (index: number, isWanted: boolean): number => {
      const element = elements[index];
      if (element === undefined) throw new RangeError('A Parquet schema ends early.');
      const names: string[] = [];
      let next = index + 1;
      for (let child = 0; child < element.children; child += 1) {
        const name = elements[next]?.name ?? '';
        names.push(name);
        next = visit(next, isWanted || (index === 0 && columns.has(name)));
      }
      const isVariant = names.toSorted().join() === VARIANT_PARTS.join();
      if (isWanted && isVariant && element.last < ELEMENT.logicalType) {
        const header = ((ELEMENT.logicalType - element.last) << 4) | STRUCT;
        edits.push({ at: element.end, removed: 0, bytes: [header, ...VARIANT] });
      }
      return next;
    };
    visit(0, false);
    return edits;
  }

  #element(): void {
    let [name, children, last] = ['', 0, 0];
    let typeAt = -1;
    let lengthAt = -1;
    let next: Field | undefined;
    this.#struct((field) => {
      if (typeAt !== -1 && next === undefined) next = field;
      const at = this.#at;
      last = field.id;
      if (field.id === ELEMENT.type) {
        if (this.#number() === INT96) typeAt = at;
      } else if (field.id === ELEMENT.name) name = this.#text();
      else if (field.id === ELEMENT.children) children = this.#number();
      else if (field.id === ELEMENT.typeLength) {
        lengthAt = at;
        this.#number();
      } else if (field.id === ELEMENT.logicalType) this.#logicalType();
      else this.#skip(field.type);
    });
    this.#elements.push({ name, children, last, end: this.#at - 1 });
    if (typeAt === -1 || next === undefined) return;
    this.#replace(typeAt, [zigzag(FIXED_LENGTH)]);
    const length = zigzag(INT96_BYTES);
    if (lengthAt !== -1) this.#replace(lengthAt, [length]);
    else {
      const header = this.#bytes[next.at] ?? 0;
      this.#edits.push({ at: next.at, removed: 1, bytes: [0x15, length, header - 0x10] });
    }
  }

  #logicalType(): void {
    this.#struct((kind) => {
      if (kind.id !== LOGICAL_TIMESTAMP) return this.#skip(kind.type);
      let utc: Field | undefined;
      let isNanoseconds = false;
      this.#struct((field) => {
        if (field.id === TIMESTAMP.isUtc && field.type === BOOLEAN_TRUE) utc = field;
        if (field.id !== TIMESTAMP.unit) return this.#skip(field.type);
        this.#struct((unit) => {
          isNanoseconds ||= unit.id === NANOSECONDS;
          this.#skip(unit.type);
        });
      });
      if (utc === undefined || !isNanoseconds) return;
      const header = this.#bytes[utc.at] ?? 0;
      this.#replace(utc.at, [(header & 0xf0) | BOOLEAN_FALSE]);
    });
  }

  #rowGroup(): void {
    this.#struct((field) => {
      if (field.id !== ROW_GROUP_COLUMNS) return this.#skip(field.type);
      this.#list(() =>
        this.#struct((chunk) => {
          if (chunk.id === CHUNK_METADATA) this.#columnMetadata();
          else this.#skip(chunk.type);
        }),
      );
    });
  }

  #columnMetadata(): void {
    let typeAt = -1;
    this.#struct((field) => {
      const at = this.#at;
      if (field.id === METADATA.type) {
        if (this.#number() === INT96) typeAt = at;
      } else this.#skip(field.type);
    });
    if (typeAt !== -1) this.#replace(typeAt, [zigzag(FIXED_LENGTH)]);
  }

  #replace(at: number, bytes: readonly number[]): void {
    this.#edits.push({ at, removed: bytes.length, bytes });
  }

  /** Visits the fields of a struct; each visit reads the field's value. */
  #struct(visit: (field: Field) => void): void {
    let id = 0;
    for (;;) {
      const at = this.#at;
      const header = this.#byte();
      if (header === 0) return;
      const step = header >> 4;
      id = step === 0 ? this.#number() : id + step;
      visit({ id, type: header & 0x0f, at });
    }
  }

  /** Visits the elements of a list; each visit reads the element. */
  #list(visit: (index: number, type: number) => void): void {
    const header = this.#byte();
    const short = header >> 4;
    const size = short === 0x0f ? this.#varint() : short;
    for (let index = 0; index < size; index += 1) visit(index, header & 0x0f);
  }

  #skip(type: number): void {
    switch (type) {
      case BOOLEAN_TRUE:
      case BOOLEAN_FALSE:
        return;
      case BYTE:
        this.#at += 1;
        return;
      case DOUBLE:
        this.#at += 8;
        return;
      case BINARY: {
        const size = this.#varint();
        this.#at += size;
        return;
      }
      case LIST:
      case SET:
        // In a list a boolean is a byte.
        return this.#list((_, element) => this.#skip(element <= BOOLEAN_FALSE ? BYTE : element));
      case MAP:
        return this.#map();
      case STRUCT:
        return this.#struct((field) => this.#skip(field.type));
      default:
        this.#varint();
    }
  }

  #map(): void {
    const size = this.#varint();
    if (size === 0) return;
    const types = this.#byte();
    for (let index = 0; index < size; index += 1) {
      this.#skip(types >> 4);
      this.#skip(types & 0x0f);
    }
  }

  #text(): string {
    const size = this.#varint();
    this.#at += size;
    return this.#bytes.toString('utf8', this.#at - size, this.#at);
  }

  #number(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('A Parquet footer ends early.');
    this.#at += 1;
    return byte;
  }
}

function zigzag(value: number): number {
  return value * 2;
}
