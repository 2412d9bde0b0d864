import { graph } from '../../explore/graph.ts';
import { withReader } from '../../explore/reader.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderGraph, renderMermaid } from '../render/graph.ts';
import { renderSvg } from '../render/graph-svg.ts';
import { untilStopped } from '../stop.ts';

const RENDER = { text: renderGraph, json: renderGraph, mermaid: renderMermaid, svg: renderSvg } as const;

export async function command(
  _args: readonly string[],
  {
    format,
    models,
  }: { readonly format: 'text' | 'mermaid' | 'svg' | 'json'; readonly models?: readonly string[] },
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const found = await untilStopped((signal) =>
    withReader(project, project.edge(signal), (reader) => graph(reader, models)),
  );
  const json = globals.json === true || format === 'json';
  // What another program reads is not laid out for a terminal.
  print(found, { ...globals, json, wide: globals.wide === true || format !== 'text' }, RENDER[format]);
  return 0;
}
