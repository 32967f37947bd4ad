import * as z from 'zod/mini';
import type { QuotaRow } from '@/api/rows';
import { pageSchema } from '@/lib/paging';
import { QUOTA_STATUSES } from '@/lib/status';

export const deviceUrl = z.extend(pageSchema, {
  /** The device; names hold slashes and cannot be part of the path. */
  name: z._default(z.string(), ''),
  status: z.optional(z.enum(QUOTA_STATUSES)),
  sort: z._default(z.string(), '-percent'),
  /** Id of the user whose limits are being changed. */
  edit: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
});
export type DeviceUrl = z.output<typeof deviceUrl>;

/** Users, groups and projects have ids of their own: 1001 may be one of each. Only users' limits can be changed so far. */
export function isEdited(row: QuotaRow, { edit }: DeviceUrl): boolean {
  return row.quota_type === 'user' && row.id === edit;
}

export interface UrlProps {
  url: DeviceUrl;
  setUrl: (patch: Partial<DeviceUrl>, options?: { replace?: boolean }) => void;
}
