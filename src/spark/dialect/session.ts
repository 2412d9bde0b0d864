/** What a Spark session has to be set to, so that a rendered statement means what it meant in DuckDB. */
export const SESSION: Readonly<Record<string, string>> = {
  'spark.sql.session.timeZone': 'UTC',
  // What overflows is an error, and no other number or null.
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
  // Some clusters are set to read SQL, or to write times, as a Spark of old did.
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.legacy.timeParserPolicy': 'CORRECTED',
  'spark.sql.variable.substitute': 'false',
};
