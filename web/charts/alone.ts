/** The places of values beside which there are none: no line goes through them. */
export function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, place) =>
    value !== null && values[place - 1] == null && values[place + 1] == null ? [place] : [],
  );
}
