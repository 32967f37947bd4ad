import * as z from 'zod/mini';
import type { PersonRefOut, TokenOut } from '@/api/generated/types.gen';
import { pageSchema } from '@/lib/paging';

/** A token in a list: one's own, or anybody's with whose it is. */
export type ListedToken = TokenOut & { person?: PersonRefOut };

export const tokensUrl = z.extend(pageSchema, { of: z._default(z.enum(['me', 'all']), 'me') });

export const SCOPES = ['read', 'write', 'admin'] as const;
export const LIFETIMES = ['7', '30', '90', '365'] as const;

/** A new token as it is filled in. */
export const tokenForm = z.object({
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
  scopes: z.array(z.enum(SCOPES)).check(z.minLength(1)),
  days: z.enum(LIFETIMES),
});
export type TokenForm = z.output<typeof tokenForm>;

const DAY_MS = 86_400_000;

export function expiryIn(days: string, now: number): string {
  return new Date(now + Number(days) * DAY_MS).toISOString();
}
