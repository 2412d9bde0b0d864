import { type ConfigInput, IgarapeError, openLake, plan, type RunReport, runOnce, verify } from 'igarape';

const config: ConfigInput = {
  source: { type: 'files', path: './source' },
  tables: [{ name: 'people', pk: 'id' }],
};

export async function feed(signal: AbortSignal): Promise<RunReport | string> {
  try {
    const lake = await openLake(config, { env: {} });
    await plan(lake, { tables: ['people'] });
    const { report } = await runOnce(lake, { signal });
    const inserted: number | undefined = report.tables['people']?.inserted;
    const { ok } = await verify(lake);
    return ok && inserted !== undefined ? report : 'differs';
  } catch (error) {
    if (error instanceof IgarapeError && error.code === 'CONFLICT') return error.hint ?? error.message;
    throw error;
  }
}
