/** A column, and its type as the engine has it. */
export interface SqlColumn {
  readonly name: string;
  readonly type: string;
}
