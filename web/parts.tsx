import type { ComponentChildren, JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { TableReport } from '../src/lake/ledger-entry.ts';
import { isTrouble, type LayerReport } from '../src/medallion/report.ts';
import { type Asked, isReport, type Refused, shown } from './ask.ts';
import { legible, legibleValue } from './legible.ts';
import { linkTo } from './route.ts';
import { useSpeech } from './speech.ts';
import type { Trouble } from './troubles.ts';

/** A part of a view under its own heading. */
export function Card({
  title,
  aside,
  children,
}: {
  readonly title?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card">
      {title === undefined && aside === undefined ? null : (
        <header>
          <h2>{title}</h2>
          <div class="aside">{aside}</div>
        </header>
      )}
      {children}
    </section>
  );
}

/** A column's name, and whether it is of numbers. */
export type Heading = string | { readonly number: string };

/** A table that, where it is too wide, scrolls inside of its card. */
export function Table({
  label,
  head,
  kind,
  children,
}: {
  readonly label: string;
  readonly head: readonly Heading[];
  /** A class of its own. */
  readonly kind?: string;
  /** Its rows. */
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={kind}>
        <thead>
          <tr>
            {head.map((heading, index) =>
              typeof heading === 'string' ? (
                <th key={index}>
                  <bdi>{legibleValue(heading)}</bdi>
                </th>
              ) : (
                <th key={index} class="right">
                  <bdi>{legibleValue(heading.number)}</bdi>
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Values beside each other, each under its name. */
export function Facts({
  of,
}: {
  readonly of: readonly (readonly [label: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {of.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Title({
  children,
  about,
  aside,
}: {
  readonly children: ComponentChildren;
  readonly about?: ComponentChildren;
  readonly aside?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="title">
      <div>
        <h1>{children}</h1>
        {about === undefined ? null : <p class="dim">{about}</p>}
      </div>
      <div class="aside">{aside}</div>
    </div>
  );
}

export type Tone = 'well' | 'late' | 'held' | 'failed' | 'plain';

/** How a table stands that a cycle has left as it was. */
export function toneOf(operation: Trouble['operation']): Tone {
  return operation === 'skipped' ? 'late' : operation;
}

export function Pill({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** A table that a cycle has left as it was, and the way to what is told of it; nothing of any other. */
export function TroubleChip({
  table,
  operation,
}: {
  readonly table: string;
  readonly operation: TableReport['operation'] | LayerReport['operation'];
}): JSX.Element | null {
  const { t } = useSpeech();
  if (!isTrouble(operation)) return null;
  return (
    <a class={`chip ${operation}`} href={linkTo(['held'])}>
      {table} {t[operation]}
    </a>
  );
}

export interface Counts {
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
}

/** `+14 ~439 −3`: what is nothing is left out. */
export function Changed({ inserted, updated, deleted }: Counts): JSX.Element {
  const { short, count, t } = useSpeech();
  const parts = [
    { sign: '+', n: inserted ?? 0, of: 'I', word: t.inserted },
    { sign: '~', n: updated ?? 0, of: 'U', word: t.updated },
    { sign: '−', n: deleted ?? 0, of: 'D', word: t.deleted },
  ].filter(({ n }) => n > 0);
  if (parts.length === 0) return <span class="dim nothing">{t.nothingChanged}</span>;
  return (
    <span class="counts" title={parts.map(({ n, word }) => `${count(n)} ${word}`).join(', ')}>
      {parts.map(({ sign, n, of }) => (
        <b key={of} class={`of-${of}`}>
          {sign}
          {short(n)}
        </b>
      ))}
    </span>
  );
}

/** When something was, and below it how long ago. */
export function When({ at }: { readonly at: string }): JSX.Element {
  const { time, ago } = useSpeech();
  return (
    <span class="moment">
      {time(at)} <small>{ago(at)}</small>
    </span>
  );
}

export function RunLink({ run, table }: { readonly run: number; readonly table?: string }): JSX.Element {
  const { t } = useSpeech();
  return (
    <a class="run-link" href={linkTo(['runs', run], table === undefined ? {} : { table })}>
      {t.run(run)}
    </a>
  );
}

/** Shows an answer, what keeps it, or why there is none. */
export function Answer<T>({
  of,
  children,
}: {
  readonly of: Asked<T>;
  readonly children: (answer: T) => ComponentChildren;
}): JSX.Element {
  const { t } = useSpeech();
  const answer = shown(of);
  return (
    <>
      {of.kind === 'refused' ? <Problem error={of.error} isAskedAgain={of.error.retryable} /> : null}
      {answer === undefined ? (
        of.kind === 'waiting' ? (
          <p class="waiting">{t.loading}</p>
        ) : null
      ) : (
        <div class={of.kind === 'here' ? 'here' : 'old'}>{children(answer)}</div>
      )}
    </>
  );
}

export function Problem({
  error,
  isAskedAgain = false,
}: {
  readonly error: Refused;
  readonly isAskedAgain?: boolean;
}): JSX.Element {
  const { t, told } = useSpeech();
  if (error.code === 'NOT_IN_REPORT') return <p class="waiting">{t.notInReport}</p>;
  if (error.code === 'LOST') return <p class="problem">{t.lost}</p>;
  return (
    <p class="problem" role="alert">
      {told(error.message)}
      {error.hint === null ? null : <small>{told(error.hint)}</small>}
      {isAskedAgain ? <small>{t.askedAgain}</small> : null}
    </p>
  );
}

export function Copy({ text }: { readonly text: string }): JSX.Element {
  const { t } = useSpeech();
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard
      .writeText(text)
      .then(() => setCopied(true))
      .catch(() => undefined);
  };
  return (
    <button type="button" class="button small" onClick={copy}>
      {isCopied ? t.copied : t.copy}
    </button>
  );
}

/** A command or a query, to be taken along. */
export function Code({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="code">
      <pre tabIndex={0}>{legible(text)}</pre>
      <Copy text={text} />
    </div>
  );
}

/** The same data without this page. */
export function SameInTools({ ways }: { readonly ways: Readonly<Record<string, string>> }): JSX.Element {
  const { t } = useSpeech();
  return (
    <details class="tools">
      <summary>{t.sameInTools}</summary>
      {Object.entries(ways).map(([name, text]) => (
        <div key={name}>
          <h3>{name}</h3>
          <Code text={text} />
        </div>
      ))}
    </details>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: ComponentChildren;
  readonly isOff?: boolean;
}

/** One of a few choices. */
export function Choices({
  label,
  of,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly of: readonly Choice[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}): JSX.Element {
  return (
    <div class="choices" role="group" aria-label={label}>
      {of.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          disabled={choice.isOff === true}
          onClick={() => onChoose(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

export function Select({
  label,
  of,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly of: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}): JSX.Element {
  return (
    <label class="select">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {of.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  );
}

const TYPED_MS = 300;

/** Text that is looked for once nothing more is typed. */
export function Search({
  label,
  value,
  onSearch,
}: {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}): JSX.Element | null {
  const timer = useRef<number>(undefined);
  if (isReport()) return null;
  return (
    <input
      type="search"
      placeholder={label}
      aria-label={label}
      defaultValue={value}
      onInput={(event) => {
        const text = event.currentTarget.value;
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => onSearch(text), TYPED_MS);
      }}
    />
  );
}

const SIGNS = { I: '+', F: '+', U: '~', D: '−' } as const;

/** The sign of an operation, told by its form and its colour. */
export function Sign({ of }: { readonly of: 'I' | 'F' | 'U' | 'D' }): JSX.Element {
  const { t } = useSpeech();
  const words = { I: t.inserted, F: t.fullLoad, U: t.updated, D: t.deleted };
  return (
    <span class={`sign of-${of}`} role="img" aria-label={words[of]}>
      {SIGNS[of]}
    </span>
  );
}
