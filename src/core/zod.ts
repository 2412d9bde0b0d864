/** The build makes one file of zod's hundred: to find and read each would take longer than all that is checked with them. */
export { z } from 'zod';

/** How what a start reads is checked: to compile a check first pays for itself only where thousands of values follow. */
export const ONCE = { jitless: true } as const;
