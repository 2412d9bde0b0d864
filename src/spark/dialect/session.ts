/** What a Spark session has to be set to, so that a rendered statement means what it meant in DuckDB. */
export const SESSION: Readonly<Record<string, string>> = {
  'spark.sql.session.timeZone': 'UTC',
  // What overflows is an error, and no other number or null.
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
};
