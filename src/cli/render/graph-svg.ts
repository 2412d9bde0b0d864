import type { Lineage, LineageTable } from '../../medallion/models/lineage.ts';
import { placesOf } from '../../explore/lineage-layout.ts';
import { cell } from './format.ts';

const LONGEST_NAME = 40;
const [LETTER, PADDING, HEIGHT, ROW, GAP, MARGIN] = [8, 14, 50, 70, 64, 16];

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1b2623 }
  .layer { font-size: 12px; fill: #55635e }
  rect { fill: #fff; stroke: #c9d5d0 }
  .bronze { stroke: #b7791f } .silver { stroke: #6b7f8c } .gold { stroke: #c9a227 }
  path { fill: none; stroke: #8fa39b; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6eeea } .layer { fill: #a3b2ac } rect { fill: #16201d } path { stroke: #5d6f68 }
  }`;

/** The lineage as an SVG drawing, each table right of all that it is made of; light or dark as whoever looks at it has it. */
export function renderSvg({ tables }: Lineage): string {
  const places = placesOf(tables);
  const layers = new Map(tables.map(({ name, layer }) => [name, layer]));
  const counts = new Map<number, number>();
  for (const { column } of places) counts.set(column, (counts.get(column) ?? 0) + 1);
  const most = Math.max(1, ...counts.values());
  const width = Math.max(10, ...tables.map(({ name }) => shown(name).length)) * LETTER + 2 * PADDING;
  const at = new Map(
    places.map(({ name, column, row }) => [
      name,
      {
        x: MARGIN + column * (width + GAP),
        y: MARGIN + (row + (most - (counts.get(column) ?? 0)) / 2) * ROW,
      },
    ]),
  );
  const columns = Math.max(0, ...counts.keys()) + 1;
  const size = [2 * MARGIN + columns * (width + GAP) - GAP, 2 * MARGIN + most * ROW + HEIGHT - ROW];
  const lines = tables.flatMap(({ name, sources }) =>
    sources.map((source) => line(at.get(source), at.get(name))),
  );
  const boxes = places.map(({ name }) => box(name, layers.get(name) ?? 'raw', at.get(name)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(' ')}">`,
    `<style>${STYLE}\n</style>`,
    ...lines,
    ...boxes,
    '</svg>',
  ].join('\n');

  function line(from: Point | undefined, to: Point | undefined): string {
    if (from === undefined || to === undefined) return '';
    const [x1, y1, x2, y2] = [from.x + width, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
    const bend = (x2 - x1) / 2;
    return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
  }

  function box(name: string, layer: LineageTable['layer'], place: Point | undefined): string {
    const { x, y } = place ?? { x: 0, y: 0 };
    return [
      `<rect class="${layer}" x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="8"/>`,
      `<text class="layer" x="${x + PADDING}" y="${y + 19}">${layer === 'raw' ? 'source' : layer}</text>`,
      `<text x="${x + PADDING}" y="${y + 38}">${escaped(shown(name))}</text>`,
    ].join('');
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A table's name beside its layer's. */
function shown(name: string): string {
  return cell(name.replace(/^(?:seed|bronze|silver|gold)\./, ''), LONGEST_NAME);
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
