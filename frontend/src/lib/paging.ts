import * as z from 'zod/mini';

/** Rows a page: enough to scroll, few enough to draw at once. */
export const PAGE_SIZE = 100;

/** What every list has in its URL. */
export const pageSchema = z.object({
  page: z._default(z.coerce.number().check(z.int(), z.positive()), 1),
  q: z._default(z.string().check(z.maxLength(200)), ''),
});
