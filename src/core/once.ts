/** How what a start reads is checked by zod: to compile a check first pays for itself only where thousands of values follow. */
export const ONCE = { jitless: true } as const;
