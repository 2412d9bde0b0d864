import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask, isReport, shown, useAnswer } from './ask.ts';
import { legibleValue } from './legible.ts';
import { linkTo } from './route.ts';
import { useSpeech } from './speech.ts';

interface Found {
  readonly label: string;
  readonly kind: string;
  readonly link: string;
  /** What is looked for is the whole of it. */
  readonly isWhole: boolean;
}

const MOST = 12;

/** Goes to a table, a run or the history of a key, by a few letters of it. */
export function Jump({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { t } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [keys, setKeys] = useState<readonly Found[]>([]);
  const [picked, setPicked] = useState<string>();
  const overview = shown(useAnswer('/api/overview'));
  const status = shown(useAnswer('/api/status'));
  // Before the next key is handled: what is typed right after Ctrl+K belongs here.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    setKeys([]);
    setPicked(undefined);
    if (text.trim().length < 2 || isReport()) return undefined;
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      ask('/api/find', { q: text.trim() }, controller.signal)
        .then(({ keys: found }) =>
          setKeys(
            found.map(({ table, key }) => ({
              label: Object.values(key).join(' '),
              kind: table,
              isWhole: [...Object.values(key), Object.values(key).join(' ')].some((value) =>
                isSame(value, text),
              ),
              link: linkTo(
                ['key', table],
                Object.fromEntries(Object.entries(key).map(([name, value]) => [`k.${name}`, value])),
              ),
            })),
          ),
        )
        .catch(() => undefined);
    }, 200);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  const wanted = text.trim().toLowerCase();
  const tables = [...(overview?.tables.map(({ name }) => name) ?? []), ...Object.keys(status?.layers ?? {})];
  const run = (overview?.runs ?? []).find((each) => String(each.run) === wanted.replace(/^#/, ''));
  const found: Found[] = [
    ...(run === undefined
      ? []
      : [{ label: t.run(run.run), kind: t.runs, link: linkTo(['runs', run.run]), isWhole: true }]),
    ...tables
      .filter((name) => name.toLowerCase().includes(wanted))
      .map((name) => ({
        label: name,
        kind: t.table,
        link: linkTo(['tables', name]),
        isWhole: isSame(name, text),
      })),
    ...keys,
  ]
    .toSorted((left, right) => Number(right.isWhole) - Number(left.isWhole))
    .slice(0, MOST);
  // By its link: what comes meanwhile may stand before it.
  const at = Math.max(
    0,
    found.findIndex(({ link }) => link === picked),
  );
  const go = (link: string | undefined): void => {
    if (link === undefined) return;
    location.hash = link;
    onClose();
  };
  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') go(found[at]?.link);
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    setPicked(found[Math.max(0, Math.min(found.length - 1, at + by))]?.link);
  };
  return (
    <dialog ref={dialog} class="jump" aria-label={t.jump} onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={found.length === 0 ? undefined : `found-${at}`}
        placeholder={t.jumpHint}
        aria-label={t.jump}
        autocomplete="off"
        autofocus
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={move}
      />
      <ul id="found" role="listbox" aria-label={t.jump}>
        {found.map(({ label, kind, link }, index) => (
          <li
            key={link}
            id={`found-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => go(link)}
            onPointerEnter={() => setPicked(link)}
          >
            <bdi>{legibleValue(label)}</bdi>
            <small>{kind}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="dim">{t.nothingFound}</p> : null}
    </dialog>
  );
}

function isSame(value: string, wanted: string): boolean {
  return value.toLowerCase() === wanted.trim().toLowerCase();
}
