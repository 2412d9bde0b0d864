import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlanReport } from '../src/pipeline/plan.ts';
import { addressOf } from '../src/ui/address.ts';
import type { AnswerPath, Answers, ErrorAnswer, PlanAnswer, Question } from '../src/ui/api.ts';

/** What the server refused, or why it could not be asked. */
export class Refused extends Error {
  readonly code: string;
  readonly hint: string | null;
  /** It is asked again by itself. */
  readonly retryable: boolean;

  constructor({ code, message, hint, retryable }: ErrorAnswer['error']) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.retryable = retryable;
  }

  /** The same, and nobody asks again by itself. */
  asLast(): Refused {
    const { code, message, hint } = this;
    return new Refused({ code, message, hint, retryable: false });
  }

  /** Of a thrown value that the server did not tell. */
  static of(thrown: unknown): Refused {
    if (thrown instanceof Refused) return thrown;
    return new Refused({ code: 'DEFECT', message: String(thrown), hint: null, retryable: false });
  }
}

/** Answers that a report has brought along, by address; undefined for a page with a server. */
let recorded: ReadonlyMap<string, unknown> | undefined;

export function useRecorded(answers: ReadonlyMap<string, unknown>): void {
  recorded = answers;
}

export function isReport(): boolean {
  return recorded !== undefined;
}

export async function ask<Path extends AnswerPath>(
  path: Path,
  question: Question = {},
  signal?: AbortSignal,
): Promise<Answers[Path]> {
  const address = addressOf(path, question);
  if (recorded !== undefined) {
    const answer = recorded.get(address);
    if (answer === undefined)
      throw new Refused({ code: 'NOT_IN_REPORT', message: address, hint: null, retryable: false });
    // Recorded from the same function that answers here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer as Answers[Path];
  }
  return answerOf(await reached(fetch(address, signal === undefined ? {} : { signal })));
}

/** Asks for something to be done; `body` is JSON. */
export async function send<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return answerOf(await reached(fetch(path, signal === undefined ? request : { ...request, signal })));
}

async function reached(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused({ code: 'LOST', message: String(error), hint: null, retryable: true });
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer: unknown = await response.json();
  if (response.ok) {
    // The server answers by the same types.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer as T;
  }
  const isKnown = typeof answer === 'object' && answer !== null && 'error' in answer;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (isKnown) throw new Refused((answer as ErrorAnswer).error);
  throw new Refused({
    code: String(response.status),
    message: response.statusText,
    hint: null,
    retryable: false,
  });
}

/** Asks for something to be done, whose end the server tells by itself; and why it refused. */
export function useSend(): readonly [send: (path: string, body: object) => void, error: Refused | undefined] {
  const [error, setError] = useState<Refused>();
  const begin = (path: string, body: object): void => {
    setError(undefined);
    send(path, body).catch((thrown: unknown) => setError(Refused.of(thrown)));
  };
  return [begin, error];
}

export type Asked<T> =
  | { readonly kind: 'waiting'; readonly old: T | undefined }
  | { readonly kind: 'here'; readonly answer: T }
  | { readonly kind: 'refused'; readonly error: Refused; readonly old: T | undefined };

/** What may be answered in a while is asked for again after so long. */
export const RETRY_MS = 4000;

/** Counts what others have committed meanwhile: with another number, answers are asked for anew. */
let revision = 0;
const waiting = new Set<() => void>();

export function askAnew(): void {
  revision += 1;
  for (const each of waiting) each();
}

/** Another number once others have committed something. */
export function useRevision(): number {
  const [known, setKnown] = useState(revision);
  useEffect(() => {
    const follow = (): void => setKnown(revision);
    waiting.add(follow);
    return () => {
      waiting.delete(follow);
    };
  }, []);
  return known;
}

/** An answer that a view shows; it is asked for anew once others have committed something. */
export function useAnswer<Path extends AnswerPath>(
  path: Path,
  question: Question = {},
  isWanted: boolean = true,
): Asked<Answers[Path]> {
  const address = addressOf(path, question);
  const times = useRevision();
  return useAsked(isWanted ? address : undefined, times, async (signal) => ask(path, question, signal));
}

/**
 * What a run would do, of all tables where none are named. It is looked at as often as somebody says so, and 0 times is not
 * at all: each look asks the source.
 */
export function usePlan(tables: readonly string[], looks: number): Asked<PlanReport> {
  return useAsked(looks === 0 ? undefined : `plan ${tables.join()}`, looks, async (signal) => {
    const { report } = await send<PlanAnswer>('/api/plan', { tables }, signal).catch((thrown: unknown) => {
      throw Refused.of(thrown).asLast();
    });
    return report;
  });
}

/**
 * What a view asks for: anew with another address, or another number of times; not at all without an address. A question that
 * the view has left is stopped; meanwhile the old answer stays. What is refused for a while, as by a store or a server
 * that is not reached, is asked for again.
 */
function useAsked<T>(
  address: string | undefined,
  times: number,
  askFor: (signal: AbortSignal) => Promise<T>,
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ kind: 'waiting', old: undefined });
  const last = useRef({ address, answer: shown(asked) });
  useEffect(() => {
    if (address === undefined) return undefined;
    const controller = new AbortController();
    let timer: number | undefined;
    const show = (answer: T): void => {
      if (controller.signal.aborted) return;
      last.current = { address, answer };
      setAsked({ kind: 'here', answer });
    };
    const refuse = (thrown: unknown): void => {
      if (controller.signal.aborted) return;
      const error = Refused.of(thrown);
      const isSame = last.current.address === address;
      setAsked({ kind: 'refused', error, old: error.retryable && isSame ? last.current.answer : undefined });
      if (error.retryable) timer = window.setTimeout(look, RETRY_MS);
    };
    const look = (): void => {
      askFor(controller.signal).then(show).catch(refuse);
    };
    setAsked((before) => ({ kind: 'waiting', old: shown(before) }));
    look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [address, times]);
  return asked;
}

/** What is there to be shown of an answer, also while a newer one is on its way. */
export function shown<T>(asked: Asked<T>): T | undefined {
  return asked.kind === 'here' ? asked.answer : asked.old;
}
