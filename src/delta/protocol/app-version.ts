import { IgarapeError } from '../../core/errors.ts';

/** An application's own number of a write: the same, or an earlier one, is written once. */
export interface AppVersion {
  readonly appId: string;
  readonly version: bigint;
  /** True where it also takes the place of a later one, because the application counts anew. */
  readonly isReset?: boolean;
}

/** Of one application, or of several that a write settles at once. */
export type AppVersions = AppVersion | readonly AppVersion[];

/** @throws IgarapeError DELTA_QUERY where an application is named twice: a table knows one version of it. */
export function appVersions(app: AppVersions | undefined): readonly AppVersion[] {
  if (app === undefined) return [];
  const all = 'appId' in app ? [app] : app;
  const seen = new Set<string>();
  for (const { appId } of all) {
    if (seen.has(appId)) {
      throw new IgarapeError('DELTA_QUERY', `The write names the application ${appId} twice`, {
        hint: 'Nothing was written. Give one version of each application.',
      });
    }
    seen.add(appId);
  }
  return all;
}
