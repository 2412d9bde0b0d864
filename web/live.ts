import { useEffect, useState } from 'preact/hooks';
import type { Events } from '../src/ui/api.ts';
import { askAnew, isReport } from './ask.ts';

/** What the server tells while the page is open. */
export interface Live {
  /** What this page's server does, or that another process on its machine has a run under way. */
  readonly running: Events['running']['running'];
  readonly progress: Events['progress'] | undefined;
  readonly ended: Events['ended'] | undefined;
  readonly verified: Events['verified'] | undefined;
}

export function useLive(isOpen: boolean): Live {
  const [live, setLive] = useState<Live>({
    running: null,
    progress: undefined,
    ended: undefined,
    verified: undefined,
  });
  useEffect(() => {
    if (!isOpen || isReport()) return undefined;
    const source = new EventSource('/api/events');
    const hear = <Name extends keyof Events>(name: Name, act: (event: Events[Name]) => void): void => {
      source.addEventListener(name, (message) => {
        // The server tells of each by its type.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        act(JSON.parse(String(message.data)) as Events[Name]);
      });
    };
    hear('revision', askAnew);
    hear('running', ({ running }) =>
      setLive((before) =>
        running === null
          ? { ...before, running, progress: undefined }
          : { running, progress: undefined, ended: undefined, verified: undefined },
      ),
    );
    hear('progress', (progress) => setLive((before) => ({ ...before, progress })));
    hear('ended', (ended) => {
      setLive((before) => ({ ...before, ended }));
      askAnew();
    });
    hear('verified', (verified) => setLive((before) => ({ ...before, verified })));
    return () => source.close();
  }, [isOpen]);
  return live;
}
