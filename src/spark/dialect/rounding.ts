/** Spark's floor of a DOUBLE is a BIGINT: the next whole DOUBLE that is not above. */
export function wholeOf(double: string): string {
  return `CASE WHEN rint(${double}) > ${double} THEN rint(${double}) - 1D ELSE rint(${double}) END`;
}

/**
 * A DOUBLE rounded as DuckDB does it: multiplied, rounded away from zero where it is in the middle, divided. Spark's
 * own round looks at the digits that the number is printed with.
 *
 * @param places The digits after the point.
 */
export function roundAway(double: string, places: number): string | undefined {
  if (places < 0 || places > 15) return undefined;
  const scaled = places === 0 ? double : `(${double} * 1e${places}D)`;
  const rounded = nearest(scaled);
  if (places === 0) return rounded;
  // What is too large to be multiplied has nothing after its point.
  return `CASE WHEN abs(${double}) < 1e290D THEN ${rounded} / 1e${places}D ELSE ${double} END`;
}

/** A DOUBLE as the nearest whole one, away from zero in the middle. */
export function nearest(double: string): string {
  return `CASE WHEN abs(${double}) - abs(rint(${double})) = 0.5D THEN rint(${double}) + sign(${double}) ELSE rint(${double}) END`;
}
