import * as z from 'zod/mini';

/** Which setting of the device is being changed. */
export const settingsUrl = z.object({ panel: z.optional(z.enum(['grace', 'defaults'])) });
