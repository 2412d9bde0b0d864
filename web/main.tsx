import { render } from 'preact';
import { App, firstTheme, NoSession } from './app.tsx';
import { ask, Refused, send, useRecorded } from './ask.ts';

const root = document.getElementById('app');
firstTheme();
if (root !== null) await start(root);

/** The address that `igarape ui` prints has a token behind `#`: it is exchanged for a cookie, and does not stay there. */
async function start(element: HTMLElement): Promise<void> {
  const report = document.getElementById('answers');
  if (report !== null) return startReport(element, report);
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  try {
    if (token !== undefined) {
      history.replaceState(null, '', location.pathname);
      await send('/api/session', { token });
    }
    await ask('/api/overview');
    render(<App />, element);
  } catch (error) {
    const refused = Refused.of(error);
    if (refused.code === 'REFUSED') render(<NoSession error={refused} />, element);
    else render(<App />, element);
  }
}

/** A report has its answers along, as JSON in gzip in base 64. */
async function startReport(element: HTMLElement, report: HTMLElement): Promise<void> {
  const packed = Uint8Array.from(atob(report.textContent ?? ''), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const answers: unknown = JSON.parse(await new Response(stream).text());
  if (typeof answers === 'object' && answers !== null) useRecorded(new Map(Object.entries(answers)));
  render(<App note={report.dataset['at'] ?? ''} />, element);
}
