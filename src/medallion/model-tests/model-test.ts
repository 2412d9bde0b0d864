import type { TextRow } from '../../engine/text-rows.ts';
import type { VariableValue } from '../../config/config.ts';
import type { ModelProblem } from '../models/problem.ts';

/** A test of a model: what it gives of given rows. */
export interface ModelTest {
  /** The file below `tests/` without its ending, and where it has several tests, the test's own. */
  readonly name: string;
  /** The file, as messages name it. */
  readonly path: string;
  /** The model's full name. */
  readonly model: string;
  /** Values of the models' variables, by name. */
  readonly values: Readonly<Record<string, VariableValue>>;
  /** The rows of the tables that the model reads, by full name. */
  readonly given: ReadonlyMap<string, TestRows>;
  readonly expected: TestRows;
}

export type TestRows =
  /** Values as text; a column that a row lacks is null. */
  | { readonly kind: 'rows'; readonly rows: readonly TextRow[] }
  /** One SELECT. */
  | { readonly kind: 'sql'; readonly sql: string };

/** What a file of tests says, and what is wrong with it. */
export interface ReadTests {
  readonly tests: readonly ModelTest[];
  readonly problems: readonly Omit<ModelProblem, 'path'>[];
}
