import * as z from 'zod/mini';
import { pageSchema } from '@/lib/paging';

export const ONLY = ['all', 'wrong', 'below_usage', 'problems', 'done'] as const;

export const setUrl = z.extend(pageSchema, { only: z._default(z.enum(ONLY), 'all') });
export type SetUrl = z.output<typeof setUrl>;
