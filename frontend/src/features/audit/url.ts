import * as z from 'zod/mini';
import { pageSchema } from '@/lib/paging';

const day = z.optional(z.iso.date());

export const auditUrl = z.extend(pageSchema, {
  host: z._default(z.string(), ''),
  change_set: z._default(z.string(), ''),
  since: day,
  until: day,
});
export type AuditUrl = z.output<typeof auditUrl>;
