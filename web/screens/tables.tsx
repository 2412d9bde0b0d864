import type { JSX } from 'preact';
import { LAYERS } from '../../src/medallion/layer.ts';
import { useAnswer } from '../ask.ts';
import { Answer, Card, Pill, Table, Title, toneOf } from '../parts.tsx';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import type { Trouble } from '../troubles.ts';

interface Listed {
  readonly name: string;
  readonly rows: number | null;
  readonly sizeBytes: number | null;
  readonly version: string;
  readonly trouble: Pick<Trouble, 'operation'> | null;
}

/** Every table of the lake, by layer. */
export function TablesScreen(): JSX.Element {
  const { t, count, size } = useSpeech();
  return (
    <Answer of={useAnswer('/api/status')}>
      {({ tables, layers = {} }) => {
        const raw = Object.entries(tables).map(([name, { rows, lastChange, trouble }]): Listed => ({
          name,
          rows,
          sizeBytes: null,
          version: lastChange === null ? '–' : `#${lastChange.run}`,
          trouble,
        }));
        const layered = Object.entries(layers).map(
          ([name, { rows, sizeBytes, version, trouble }]): Listed => ({
            name,
            rows,
            sizeBytes,
            version: version === null ? '–' : `v${version}`,
            trouble,
          }),
        );
        const groups = [
          { title: t.source, of: raw },
          ...LAYERS.map((layer) => ({
            title: layer,
            of: layered.filter(({ name }) => name.startsWith(`${layer}.`)),
          })),
        ];
        return (
          <>
            <Title>{t.tables}</Title>
            {groups
              .filter(({ of }) => of.length > 0)
              .map(({ title, of }) => (
                <Card key={title} title={title}>
                  <Table
                    label={title}
                    kind="alike"
                    head={[t.table, { number: t.rows }, { number: t.size }, { number: t.version }, '']}
                  >
                    {of.map(({ name, rows, sizeBytes, version, trouble }) => (
                      <tr key={name}>
                        <td>
                          <a href={linkTo(['tables', name])}>{name}</a>
                        </td>
                        <td class="right">{rows === null ? '–' : count(rows)}</td>
                        <td class="right">
                          {sizeBytes === null ? <span class="dim">–</span> : size(sizeBytes)}
                        </td>
                        <td class="right">{version}</td>
                        <td>
                          {trouble === null ? null : (
                            <Pill tone={toneOf(trouble.operation)}>{t[trouble.operation]}</Pill>
                          )}
                        </td>
                      </tr>
                    ))}
                  </Table>
                </Card>
              ))}
          </>
        );
      }}
    </Answer>
  );
}
