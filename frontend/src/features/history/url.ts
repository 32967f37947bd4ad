import * as z from 'zod/mini';
import { PERIODS } from '@/lib/trend';

/** How far back the picture reaches. */
export const historyUrl = z.object({ period: z._default(z.enum(PERIODS), '30d') });
