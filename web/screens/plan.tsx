import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { PLANNED } from '../../src/core/language/planned.ts';
import type { LayerPlan } from '../../src/pipeline/plan-layers.ts';
import type { TablePlan } from '../../src/pipeline/plan.ts';
import { shown, useAnswer, usePlan } from '../ask.ts';
import { Answer, Card, Changed, Code, Pill, Table, Title } from '../parts.tsx';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { HeldBackRows } from './held.tsx';

/** What a run would do with every table now; nothing is changed. */
export function PlanScreen(): JSX.Element {
  const { t } = useSpeech();
  const tables = shown(useAnswer('/api/overview'))?.tables ?? [];
  const [looks, setLooks] = useState(1);
  const asked = usePlan([], looks);
  const isLooking = asked.kind === 'waiting';
  return (
    <>
      <Title
        aside={
          <button type="button" class="button" disabled={isLooking} onClick={() => setLooks(looks + 1)}>
            {isLooking ? t.looking : t.lookAgain}
          </button>
        }
      >
        {t.plan}
      </Title>
      <Answer of={asked}>
        {(plan) => (
          <>
            <Card>
              <Table label={t.tables} head={[t.table, t.operation, t.wouldBe, t.file]}>
                {Object.entries(plan.tables).map(([name, table]) => (
                  <tr key={name}>
                    <td>
                      <a href={linkTo(['tables', name])}>{name}</a>
                    </td>
                    <td>
                      <Operation of={table.operation} />
                    </td>
                    <td>
                      <Changed {...table} />
                    </td>
                    <td>{table.file === null ? <span class="dim">–</span> : <code>{table.file}</code>}</td>
                  </tr>
                ))}
                {Object.entries(plan.layers ?? {}).map(([name, layer]) => (
                  <LayerRow key={name} name={name} layer={layer} />
                ))}
              </Table>
            </Card>
            {Object.entries(plan.tables).map(([name, table]) => (
              <TableDetails
                key={name}
                name={name}
                table={table}
                rows={tables.find((each) => each.name === name)?.rows ?? null}
              />
            ))}
            <Code text="igarape plan" />
          </>
        )}
      </Answer>
    </>
  );
}

function Operation({ of }: { readonly of: TablePlan['operation'] }): JSX.Element {
  const { t } = useSpeech();
  switch (of) {
    case 'held':
    case 'failed':
      return <Pill tone={of}>{t[of]}</Pill>;
    case 'full-load':
      return <>{t.fullLoad}</>;
    case 'cdc':
      return <>{t.changeFile}</>;
    case 'unchanged':
      return <span class="dim">{t.layerOperation(of)}</span>;
    default:
      return of satisfies never;
  }
}

function LayerRow({ name, layer }: { readonly name: string; readonly layer: LayerPlan }): JSX.Element {
  const { t, told, count } = useSpeech();
  const { operation, reason, cost, newFiles = 0 } = layer;
  const details = [
    ...(newFiles === 0 ? [] : [t.newFiles(count(newFiles))]),
    ...(cost === undefined ? [] : [t.follows(count(cost.changed), count(cost.reads), count(cost.whole))]),
    ...(reason === undefined ? [] : [told(reason)]),
  ];
  return (
    <tr>
      <td>
        <a href={linkTo(['lineage', name])}>{name}</a>
      </td>
      <td>
        <span class={operation === 'unchanged' ? 'dim' : ''}>{t.layerOperation(PLANNED[operation])}</span>
      </td>
      <td colSpan={2}>
        <span class="reason">{details.join('; ')}</span>
      </td>
    </tr>
  );
}

function TableDetails({
  name,
  table,
  rows,
}: {
  readonly name: string;
  readonly table: TablePlan;
  readonly rows: number | null;
}): JSX.Element | null {
  const { told } = useSpeech();
  const { reason, guards, samples, schema } = table;
  const changes = [
    ...schema.added.map((column) => `+ ${column.name} ${column.type}`),
    ...[...schema.widened, ...schema.retyped].map(
      ({ name: column, from, to }) => `~ ${column} ${from} → ${to}`,
    ),
    ...schema.dropped.map((column) => `− ${column}`),
  ];
  if (reason === undefined && samples.length === 0 && changes.length === 0) return null;
  return (
    <Card title={name}>
      {reason === undefined || guards.length > 0 ? null : <p class="reason">{told(reason)}</p>}
      {changes.length === 0 ? null : (
        <p>
          {changes.map((change) => (
            <span key={change} class="chip">
              {change}
            </span>
          ))}
        </p>
      )}
      <HeldBackRows held={{ guards, samples, counts: table }} rows={rows} />
    </Card>
  );
}
