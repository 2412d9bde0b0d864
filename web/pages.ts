import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused, RETRY_MS } from './ask.ts';

/** As many rows are asked for at once. */
export const PAGE = 100;
const KEPT_PAGES = 20;

/** Gives rows, and gives them again where more is known of them. */
export type Load<Row> = (offset: number, limit: number, signal: AbortSignal) => AsyncIterable<readonly Row[]>;

interface Page<Row> {
  readonly rows: readonly Row[];
  /** Nothing more comes. */
  readonly isWhole: boolean;
}

/**
 * The pages that are there, of those in sight the ones that have come. What is out of sight is stopped, and forgotten
 * after some others. With another `of` there are none; with another `revision` all are loaded anew, and those that are
 * there stay until they have come.
 */
export function usePages<Row>(
  {
    of,
    revision,
    wanted,
  }: { readonly of: string; readonly revision: number; readonly wanted: readonly number[] },
  load: Load<Row>,
): { readonly pages: ReadonlyMap<number, Page<Row>>; readonly error: Refused | undefined } {
  const store = useRef({ of, revision, pages: new Map<number, Page<Row>>() });
  if (store.current.of !== of) store.current = { of, revision, pages: new Map() };
  if (store.current.revision !== revision) {
    const known = [...store.current.pages].map(
      ([number, { rows }]) => [number, { rows, isWhole: false }] as const,
    );
    store.current = { of, revision, pages: new Map(known) };
  }
  const [, redraw] = useState(0);
  const [error, setError] = useState<Refused>();
  useEffect(() => {
    const { pages } = store.current;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: number | undefined;
    const keep = (number: number, page: Page<Row>): void => {
      pages.delete(number);
      pages.set(number, page);
      for (const oldest of [...pages.keys()].slice(0, -KEPT_PAGES)) pages.delete(oldest);
      redraw((n) => n + 1);
    };
    const read = async (number: number): Promise<void> => {
      for await (const rows of load(number * PAGE, PAGE, signal)) {
        if (signal.aborted) return;
        keep(number, { rows, isWhole: false });
      }
      keep(number, { rows: pages.get(number)?.rows ?? [], isWhole: true });
    };
    const look = (): void => {
      Promise.all(wanted.filter((number) => pages.get(number)?.isWhole !== true).map(read))
        .then(() => setError(undefined))
        .catch((thrown: unknown) => {
          if (signal.aborted) return;
          const refused = Refused.of(thrown);
          setError(refused);
          if (refused.retryable) timer = window.setTimeout(look, RETRY_MS);
        });
    };
    look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [of, revision, wanted.join()]);
  return { pages: store.current.pages, error };
}
