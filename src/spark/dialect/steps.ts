/** Rows of a step, and what their columns are called. */
export interface Rows {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The SELECTs of a WITH, one for each operator of a plan: nothing is nested, and each may be read more than once. */
export class Steps {
  readonly #selects: string[] = [];

  /** Adds a SELECT of these values. @param rest What stands after them: FROM and all that follows. */
  add(values: readonly string[], rest: string, first = 'SELECT'): Rows {
    const name = this.#next();
    const columns = values.map((_, index) => `${name}_${index}`);
    // A SELECT without columns is none.
    const list = values.length === 0 ? ['1'] : values.map((value, index) => `${value} AS ${columns[index]}`);
    this.#selects.push(`${name} AS (${first} ${list.join(', ')} ${rest})`);
    return { name, columns };
  }

  /** Adds a statement that gives some of the rows of `from`, or these with other rows, in the same columns. */
  of({ columns }: Rows, statement: string): Rows {
    const name = this.#next();
    this.#selects.push(`${name} AS (${statement})`);
    return { name, columns };
  }

  /** The whole statement, with what is selected of the steps at its end. */
  statement(select: string): string {
    return `WITH ${this.#selects.join(',\n')}\n${select}`;
  }

  #next(): string {
    return `s${this.#selects.length + 1}`;
  }
}

/** The columns of rows that have an alias. */
export function columnsOf(alias: string, { columns }: Rows): readonly string[] {
  return columns.map((column) => `${alias}.${column}`);
}
