/** A part of a statement that has no equal meaning in Spark. */
export interface Refusal {
  /** E.g. `mode(VARCHAR)`. */
  readonly what: string;
  /** The UTF-8 bytes before it in the SQL; undefined where that is not known. */
  readonly offset: number | undefined;
  /** What it is called in the statement as it was parsed: a function, or a kind of node. */
  readonly word: string;
}
