import type { JSX } from 'preact';

const [WIDTH, HEIGHT] = [96, 22];

/** The course of a number, small enough for a line of a table. */
export function Spark({
  values,
  label,
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
}): JSX.Element {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - 3 - ((value - low) / (high - low)) * (HEIGHT - 6);
  const x = (index: number): number => 2 + (index / Math.max(values.length - 1, 1)) * (WIDTH - 7);
  const points = values.flatMap((value, index) => (value === null ? [] : [`${x(index)},${y(value)}`]));
  const last = known.at(-1);
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <polyline points={points.join(' ')} />
      {last === undefined ? null : <circle cx={x(values.length - 1)} cy={y(last)} r={2.4} />}
    </svg>
  );
}

/** How values lie between the least and the greatest. */
export function Histogram({
  bins,
  label,
}: {
  readonly bins: readonly number[];
  readonly label: string;
}): JSX.Element {
  const most = Math.max(1, ...bins);
  const step = 120 / bins.length;
  return (
    <svg class="histogram" width={120} height={28} role="img" aria-label={label}>
      {bins.map((rows, index) => {
        const height = rows === 0 ? 0 : Math.max(1.5, (rows / most) * 26);
        return <rect key={index} x={index * step} y={28 - height} width={step - 1} height={height} />;
      })}
    </svg>
  );
}
