import { z } from 'zod';

interface Operator {
  readonly operator_name?: string;
  readonly operator_cardinality?: number;
  readonly children?: readonly Operator[];
}

const operator: z.ZodType<Operator> = z.lazy(() =>
  z.object({
    operator_name: z.string().exactOptional(),
    operator_cardinality: z.number().exactOptional(),
    children: z.array(operator).exactOptional(),
  }),
);

/** The number of rows out of the topmost join of a statement, from DuckDB's profile of it. */
export function joinCardinality(profile: unknown): number {
  const queue: Operator[] = [operator.parse(profile)];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next.operator_name?.endsWith('JOIN') === true && next.operator_cardinality !== undefined)
      return next.operator_cardinality;
    queue.push(...(next.children ?? []));
  }
  throw new RangeError('The profile shows no join.');
}
