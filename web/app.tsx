import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { phaseOf } from '../src/core/language/phase.ts';
import type { Catalogue } from '../src/core/language/translation.ts';
import type { Events } from '../src/ui/api.ts';
import { ask, isReport, type Refused, shown, useAnswer, useSend } from './ask.ts';
import { Jump } from './jump.tsx';
import { firstLanguage, keepLanguage, type Language, read, speak, type Speech, write } from './language.ts';
import { type Live, useLive } from './live.ts';
import { Problem, TroubleChip } from './parts.tsx';
import { linkTo, type Route, useRoute } from './route.ts';
import { CubesScreen } from './screens/cubes.tsx';
import { HeldScreen } from './screens/held.tsx';
import { KeyScreen } from './screens/key.tsx';
import { LineageScreen } from './screens/lineage.tsx';
import { OverviewScreen } from './screens/overview.tsx';
import { PlanScreen } from './screens/plan.tsx';
import { RunScreen } from './screens/run.tsx';
import { RunsScreen } from './screens/runs.tsx';
import { SqlScreen } from './screens/sql.tsx';
import { TableScreen } from './screens/table.tsx';
import { TablesScreen } from './screens/tables.tsx';
import { SpeechContext, useSpeech } from './speech.ts';
import { troublesOf } from './troubles.ts';

/** Speaks the language. Sentences of reports and errors are loaded when the first one is to be said in it. */
function useLanguage(language: Language): Speech {
  const [known, setKnown] = useState<Catalogue>();
  const isWanted = useRef(false);
  const want = (): void => {
    if (isWanted.current) return;
    isWanted.current = true;
    ask('/api/told')
      .then(setKnown)
      .catch(() => {
        isWanted.current = false;
      });
  };
  return useMemo(() => speak(language, known ?? want), [language, known]);
}

/** The page of a lake: `#/…` says which view. */
export function App({ note }: { readonly note?: string }): JSX.Element {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const speech = useLanguage(language);
  const { t } = speech;
  const route = useRoute();
  const [isJumping, setJumping] = useState(false);
  const live = useLive(true);
  useEffect(() => {
    document.documentElement.lang = language;
    keepLanguage(language);
  }, [language]);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setJumping(true);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  const view = route.path[0] ?? '';
  useEffect(() => {
    document.title = [...route.path.slice(0, 2).toReversed(), 'igarapé'].join(' · ');
    document.querySelector('main')?.scrollTo(0, 0);
  }, [route.path.join('/')]);
  return (
    <SpeechContext.Provider value={speech}>
      <a class="skip" href="#main" onClick={(event) => skipTo(event)}>
        {t.skip}
      </a>
      <Top language={language} onLanguage={setLanguage} onJump={() => setJumping(true)} />
      <Side view={view} />
      <main id="main" tabIndex={-1}>
        {note === undefined ? null : <p class="banner plain">{t.reportOf(speech.time(note))}</p>}
        <Running live={live} />
        <Screen view={view} route={route} />
      </main>
      {isJumping ? <Jump onClose={() => setJumping(false)} /> : null}
    </SpeechContext.Provider>
  );
}

function skipTo(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Screen({ view, route }: { readonly view: string; readonly route: Route }): JSX.Element {
  switch (view) {
    case 'runs':
      return route.path[1] === undefined ? <RunsScreen /> : <RunScreen route={route} />;
    case 'plan':
      return isReport() ? <NotInReport /> : <PlanScreen />;
    case 'key':
      return <KeyScreen key={JSON.stringify(route)} route={route} />;
    case 'held':
      return <HeldScreen />;
    case 'tables':
      return route.path[1] === undefined ? (
        <TablesScreen />
      ) : (
        <TableScreen key={route.path[1]} route={route} />
      );
    case 'lineage':
      return <LineageScreen route={route} />;
    case 'cubes':
      return <CubesScreen route={route} />;
    case 'sql':
      return isReport() ? <NotInReport /> : <SqlScreen route={route} />;
    default:
      return <OverviewScreen />;
  }
}

function Top({
  language,
  onLanguage,
  onJump,
}: {
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly onJump: () => void;
}): JSX.Element {
  const { t } = useSpeech();
  const lake = shown(useAnswer('/api/overview'))?.lake ?? '';
  const other: Language = language === 'en' ? 'pt-BR' : 'en';
  return (
    <header class="top">
      <a class="brand" href={linkTo([])}>
        <svg width="26" height="22" viewBox="0 0 26 22" aria-hidden="true">
          <path d="M2 5q4-4 7.3 0t7.3 0 7.3 0M2 11q4-4 7.3 0t7.3 0 7.3 0M2 17q4-4 7.3 0t7.3 0 7.3 0" />
        </svg>
        igarapé
      </a>
      <span class="lake" title={lake}>
        {lake.split('/').slice(-2).join('/')}
      </span>
      <span class="grow" />
      <button type="button" class="button jump-button" aria-label={`${t.jump} Ctrl K`} onClick={onJump}>
        <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm4-1 4 4" />
        </svg>
        <span>{t.jump}</span> <kbd>Ctrl K</kbd>
      </button>
      <button
        type="button"
        class="button quiet"
        lang={other}
        aria-label={`${other === 'en' ? 'EN' : 'PT'}: ${OWN_NAMES[other]}`}
        title={OWN_NAMES[other]}
        onClick={() => onLanguage(other)}
      >
        {other === 'en' ? 'EN' : 'PT'}
      </button>
      <button type="button" class="button quiet" aria-label={t.theme} title={t.theme} onClick={otherTheme}>
        ◐
      </button>
    </header>
  );
}

const OWN_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'pt-BR': 'Português' };

const THEME = 'igarape.theme';

/** As it was chosen before; else as the system has it. */
export function firstTheme(): void {
  const kept = read(THEME);
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset['theme'] = kept;
}

function otherTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset['theme'] === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : dataset['theme'] === 'dark';
  dataset['theme'] = isDark ? 'light' : 'dark';
  write(THEME, dataset['theme']);
}

const ICONS = {
  overview: 'M2 9h3l2-6 4 12 2-6h3',
  runs: 'M2 4h9M2 9h14M2 14h6',
  tables: 'M2 3h14v12H2zM2 7h14M7 7v8',
  lineage: 'M2 3h4v4H2zM2 11h4v4H2zM12 7h4v4h-4zM6 5q4 0 6 4M6 13q4 0 6-4',
  cubes: 'M3 15V9M9 15V3M15 15V6M1 15h16',
  held: 'M9 2 1 16h16zM9 7v4M9 13v.5',
  sql: 'M2 5l4 4-4 4M9 14h7',
} as const;

function Side({ view }: { readonly view: string }): JSX.Element {
  const { t } = useSpeech();
  const status = shown(useAnswer('/api/status'));
  const troubles = status === undefined ? 0 : troublesOf(status).length;
  const items = [
    { of: 'overview', link: linkTo([]), label: t.overview, on: view === '' },
    { of: 'runs', link: linkTo(['runs']), label: t.runs, on: view === 'runs' || view === 'plan' },
    { of: 'tables', link: linkTo(['tables']), label: t.tables, on: view === 'tables' || view === 'key' },
    { of: 'lineage', link: linkTo(['lineage']), label: t.lineage, on: view === 'lineage' },
    { of: 'cubes', link: linkTo(['cubes']), label: t.cubes, on: view === 'cubes' },
    ...(troubles === 0 && view !== 'held'
      ? []
      : [{ of: 'held' as const, link: linkTo(['held']), label: t.heldTables, on: view === 'held' }]),
    ...(isReport() ? [] : [{ of: 'sql' as const, link: linkTo(['sql']), label: t.sql, on: view === 'sql' }]),
  ] as const;
  return (
    <nav class="side" aria-label="igarapé">
      {items.map(({ of, link, label, on }) => (
        <a key={of} href={link} aria-current={on ? 'page' : undefined}>
          <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
            <path d={ICONS[of]} />
          </svg>
          <span>{label}</span>
          {of === 'held' && troubles > 0 ? <b class="badge">{troubles}</b> : null}
        </a>
      ))}
    </nav>
  );
}

/** What is under way, as it goes on; then how it ended. */
function Running({
  live: { running, progress, ended, verified },
}: {
  readonly live: Live;
}): JSX.Element | null {
  const { t, told } = useSpeech();
  const [begin, error] = useSend();
  if (running !== null) {
    const what = { run: t.running, verification: t.verifying, elsewhere: t.runningElsewhere }[running];
    return (
      <div class="banner plain" role="status">
        <i class="glyph">…</i>
        <div>
          <b>{progress === undefined ? what : `${what}:`}</b>{' '}
          {progress === undefined ? null : (
            <>
              {progress.step === 'verify'
                ? t.verifyingFile(progress.table ?? '')
                : phaseOf({ step: progress.step, table: progress.table ?? '' }, t.phase)}
              <progress value={progress.share} aria-label={what} />
            </>
          )}
          {error === undefined ? null : <Problem error={error} />}
        </div>
        {running === 'elsewhere' ? null : (
          <button type="button" class="button" onClick={() => begin('/api/do/stop', {})}>
            {t.stopIt}
          </button>
        )}
      </div>
    );
  }
  if (verified !== undefined) return <Verified of={verified} />;
  if (ended === undefined) return null;
  return (
    <End isWell={ended.exitCode === 0}>
      {t.ended(ended.exitCode)} {told(ended.error?.message ?? '')}
      {Object.entries(ended.tables).map(([name, { operation }]) => (
        <TroubleChip key={name} table={name} operation={operation} />
      ))}
      {ended.run === null ? null : <a href={linkTo(['runs', ended.run])}> {t.run(ended.run)}</a>}
    </End>
  );
}

function Verified({ of }: { readonly of: Events['verified'] }): JSX.Element {
  const { t, told, count } = useSpeech();
  if ('error' in of) return <End isWell={false}>{told(of.error.message)}</End>;
  const { ok, runs, tables, layers = {} } = of.report;
  const problems = Object.entries({ ...tables, ...layers }).flatMap(([table, found]) =>
    found.problems.map((problem) => `${table}: ${told(problem)}`),
  );
  return (
    <End isWell={ok}>
      {ok ? t.verifiedWell(count(runs)) : t.verifiedNot}
      {problems.map((problem) => (
        <span key={problem} class="line">
          {problem}
        </span>
      ))}
    </End>
  );
}

function End({
  isWell,
  children,
}: {
  readonly isWell: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={isWell ? 'banner well' : 'banner held'} role="status">
      <i class="glyph">{isWell ? '✓' : '!'}</i>
      <div>{children}</div>
    </div>
  );
}

function NotInReport(): JSX.Element {
  const { t } = useSpeech();
  return <p class="waiting">{t.notInReport}</p>;
}

/** Where the page is opened without what lets it in. */
export function NoSession({ error }: { readonly error: Refused }): JSX.Element {
  const { t } = speak(firstLanguage());
  return (
    <main class="alone">
      <h1>igarapé</h1>
      <p>{error.code === 'LOST' ? t.lost : t.noSession}</p>
    </main>
  );
}
