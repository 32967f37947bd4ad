import * as z from 'zod/mini';
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

export interface UrlProps {
  url: DeviceUrl;
  setUrl: (patch: Partial<DeviceUrl>, options?: { replace?: boolean }) => void;
}
