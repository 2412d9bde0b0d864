import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CycleRecord } from '../../src/pipeline/journal/record.ts';
import type { HeldBack } from '../../src/pipeline/report.ts';
import { isReport, shown, useAnswer, usePlan, useSend } from '../ask.ts';
import { Text } from '../grid.tsx';
import { Answer, Card, Changed, Code, Pill, Problem, Sign, Table, Title, toneOf } from '../parts.tsx';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { type Trouble, troublesOf } from '../troubles.ts';
import { shell } from '../tools.ts';

/** What waits for a person: why, with examples, and what to do. */
export function HeldScreen(): JSX.Element {
  const { t } = useSpeech();
  const allowRun = shown(useAnswer('/api/overview'))?.allowRun ?? false;
  const cycles = shown(useAnswer('/api/cycles')) ?? [];
  return (
    <Answer of={useAnswer('/api/status')}>
      {(status) => {
        const troubles = troublesOf(status);
        return (
          <>
            <Title>{t.heldTables}</Title>
            {troubles.length === 0 ? <p class="waiting">{t.nothingHeld}</p> : null}
            {troubles.map((trouble) => (
              <HeldTable
                key={trouble.table}
                trouble={trouble}
                cycles={cycles}
                isOfSource={status.tables[trouble.table] !== undefined}
                rows={status.tables[trouble.table]?.rows ?? null}
                allowRun={allowRun}
              />
            ))}
          </>
        );
      }}
    </Answer>
  );
}

function HeldTable({
  trouble: { table, operation, reason },
  cycles,
  isOfSource,
  rows,
  allowRun,
}: {
  readonly trouble: Trouble;
  readonly cycles: readonly CycleRecord[];
  readonly isOfSource: boolean;
  readonly rows: number | null;
  readonly allowRun: boolean;
}): JSX.Element {
  const { t, told, count, ago } = useSpeech();
  const last = cycles.find(({ tables }) => tables[table] !== undefined);
  const held = last?.tables[table]?.held;
  const holding = cycles.filter(({ tables }) => tables[table]?.held !== undefined);
  const [looks, setLooks] = useState(0);
  const looked = usePlan([table], looks);
  const isLooking = looks > 0 && looked.kind === 'waiting';
  const plan = shown(looked)?.tables[table];
  const [begin, refused] = useSend();
  const [what = reason] = reason.split(' If that is right: ');
  const canApprove = isOfSource && operation === 'held';
  return (
    <Card title={table} aside={<Pill tone={toneOf(operation)}>{t[operation]}</Pill>}>
      {held === undefined ? <p class="reason">{told(what)}</p> : null}
      {last === undefined || held === undefined ? null : (
        <p class="dim">{t.heldSince(ago(last.endedAt), count(holding.length))}</p>
      )}
      {looked.kind === 'refused' ? <Problem error={looked.error} /> : null}
      {refused === undefined ? null : <Problem error={refused} />}
      {plan !== undefined ? (
        <HeldBackRows held={{ ...plan, counts: plan }} rows={rows} />
      ) : held === undefined ? null : (
        <HeldBackRows held={held} rows={rows} />
      )}
      <div class="toolbar">
        {isOfSource && !isReport() ? (
          <button type="button" class="button" disabled={isLooking} onClick={() => setLooks(looks + 1)}>
            {isLooking ? t.looking : t.lookAgain}
          </button>
        ) : null}
        {canApprove && allowRun ? (
          <button
            type="button"
            class="button primary"
            onClick={() => begin('/api/do/run', { approve: [table] })}
          >
            {t.approveAndRun}
          </button>
        ) : null}
        {isOfSource ? null : (
          <a class="button" href={linkTo(['lineage', table])}>
            {t.lineage}
          </a>
        )}
      </div>
      {canApprove ? (
        <>
          <h3>{allowRun ? t.orCommand : t.approveAndRun}</h3>
          <Code text={`igarape run --approve ${shell(table)}`} />
          {allowRun || isReport() ? null : <p class="dim">{t.readOnly}</p>}
        </>
      ) : null}
    </Card>
  );
}

/** What the guards of a table say, how much they hold back, and some of the rows. */
export function HeldBackRows({
  held: { guards, counts, samples },
  rows,
}: {
  readonly held: HeldBack;
  readonly rows: number | null;
}): JSX.Element {
  const { t, told, count } = useSpeech();
  return (
    <>
      {guards.length === 0 ? null : (
        <ul class="guards">
          {guards.map((guard) => (
            <li key={guard.rule + guard.message}>
              <code>{guard.rule}</code> {told(guard.message)}
            </li>
          ))}
        </ul>
      )}
      <p class="dim">
        {rows === null ? null : t.rowsOf(count(rows))}
        {counts === null ? null : (
          <>
            {' '}
            · {t.wouldBe} <Changed {...counts} />
          </>
        )}
      </p>
      {samples.length === 0 ? null : (
        <Table label={t.examples} kind="samples" head={['', ...Object.keys(samples[0]?.row ?? {})]}>
          {samples.map(({ operation, row, before, changed = [] }, index) => (
            <tr key={index}>
              <td>
                <Sign of={operation} />
              </td>
              {Object.entries(row).map(([name, value]) => (
                <td key={name}>
                  {before !== undefined && changed.includes(name) ? (
                    <span class="was">
                      <del>
                        <Text of={before[name] ?? null} />
                      </del>
                      <ins>
                        <Text of={value} />
                      </ins>
                    </span>
                  ) : (
                    <Text of={value} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
