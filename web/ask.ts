import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf } from '../src/ui/address.ts';
import type { AnswerPath, Answers, ErrorAnswer, Question } from '../src/ui/api.ts';

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

/**
 * An answer that a view shows. A question that the view has left is stopped; meanwhile the old answer stays. What is
 * refused for a while, as by a store or a server that is not reached, is asked for again.
 */
export function useAnswer<Path extends AnswerPath>(
  path: Path,
  question: Question = {},
  isWanted: boolean = true,
): Asked<Answers[Path]> {
  const address = addressOf(path, question);
  const known = useRevision();
  const [asked, setAsked] = useState<Asked<Answers[Path]>>({ kind: 'waiting', old: undefined });
  const last = useRef({ address, answer: shown(asked) });
  useEffect(() => {
    if (!isWanted) return undefined;
    const controller = new AbortController();
    let timer: number | undefined;
    const show = (answer: Answers[Path]): void => {
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
      ask(path, question, controller.signal).then(show).catch(refuse);
    };
    setAsked((before) => ({ kind: 'waiting', old: shown(before) }));
    look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [address, known, isWanted]);
  return asked;
}

/** What is there to be shown of an answer, also while a newer one is on its way. */
export function shown<T>(asked: Asked<T>): T | undefined {
  return asked.kind === 'here' ? asked.answer : asked.old;
}
