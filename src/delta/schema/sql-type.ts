/** A type of DuckDB, taken apart. */
export type SqlType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'struct'; readonly fields: readonly SqlField[] }
  | { readonly kind: 'list'; readonly element: SqlType }
  | { readonly kind: 'map'; readonly key: SqlType; readonly value: SqlType };

export interface SqlField {
  readonly name: string;
  readonly type: SqlType;
}

/** Reads a type as DuckDB spells it, e.g. `STRUCT(a INTEGER, "b c" VARCHAR[])`. @throws RangeError */
export function parseSqlType(text: string): SqlType {
  const parser = new Parser(text);
  const type = parser.type();
  parser.end();
  return type;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  type(): SqlType {
    let type = this.#plain();
    for (let match = this.#match(/\[\d*\]/y); match !== undefined; match = this.#match(/\[\d*\]/y)) {
      type = { kind: 'list', element: type };
    }
    return type;
  }

  end(): void {
    if (this.#at !== this.#text.length) throw this.#unexpected();
  }

  #plain(): SqlType {
    if (this.#match(/STRUCT\(/y) !== undefined) {
      const fields: SqlField[] = [];
      do fields.push({ name: this.#name(), type: this.#field() });
      while (this.#match(/, /y) !== undefined);
      this.#expect(/\)/y);
      return { kind: 'struct', fields };
    }
    if (this.#match(/MAP\(/y) !== undefined) {
      const key = this.type();
      this.#expect(/, /y);
      const value = this.type();
      this.#expect(/\)/y);
      return { kind: 'map', key, value };
    }
    // The name, words of it, and arguments in brackets: DECIMAL(10,2), TIMESTAMP WITH TIME ZONE, ENUM('a', 'b').
    const name = this.#match(
      /"(?:[^"]|"")*"|[A-Za-z_]\w*(?: [A-Za-z_]\w*)*(?:\((?:'(?:[^']|'')*'|[^')])*\))?/y,
    );
    if (name === undefined) throw this.#unexpected();
    return { kind: 'scalar', name };
  }

  #field(): SqlType {
    this.#expect(/ /y);
    return this.type();
  }

  #name(): string {
    const quoted = this.#match(/"(?:[^"]|"")*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replaceAll('""', '"');
    const plain = this.#match(/[^\s,()"]+/y);
    if (plain === undefined) throw this.#unexpected();
    return plain;
  }

  #expect(pattern: RegExp): void {
    if (this.#match(pattern) === undefined) throw this.#unexpected();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #unexpected(): RangeError {
    return new RangeError(`The type ${this.#text} cannot be read at character ${this.#at}.`);
  }
}
