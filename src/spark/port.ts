/** Rows as Spark takes them: SQL, a table's files, or SQL over other rows by name. */
export type Relation =
  | { readonly sql: { readonly query: string } }
  | {
      readonly read: {
        readonly data_source: {
          readonly format: string;
          /** Columns and types that are expected: files that have others are an error, but that a column may lack. */
          readonly schema?: string;
          readonly paths: readonly string[];
          readonly options: Readonly<Record<string, string>>;
        };
      };
    }
  | { readonly subquery_alias: { readonly input: Relation; readonly alias: string } }
  | { readonly with_relations: { readonly root: Relation; readonly references: readonly Relation[] } };

/** Rows as they are told: as `PlainRow`, without loss. */
export type SparkRow = Readonly<Record<string, unknown>>;

/** How far Spark has come with what it was asked. */
export interface SparkProgress {
  readonly doneTasks: number;
  readonly tasks: number;
}

/** Where statements are computed: a session of Spark Connect, or a warehouse of Databricks. Each call throws SPARK_…. */
export interface SparkPort {
  /** Where it is, for messages: `host:port`. */
  readonly server: string;
  /** Spark's version, e.g. `4.2.0`. */
  version(): Promise<string>;
  /** Sets properties, or makes sure that what is computed is what it would be with them. */
  configure(properties: Readonly<Record<string, string>>): Promise<void>;
  /** Rows, all at once: for few. */
  rows(relation: Relation): Promise<SparkRow[]>;
  /** Writes rows to Parquet files in a folder that is not there yet; options as of Spark's Parquet writer. */
  writeParquet(input: Relation, path: string, options: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it. Never throws. */
  close(): Promise<void>;
}
