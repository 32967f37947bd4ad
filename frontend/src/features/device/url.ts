import * as z from 'zod/mini';
import { QUOTA_TYPES, type QuotaType } from '@/lib/deviceState';
import { pageSchema } from '@/lib/paging';
import { QUOTA_STATUSES } from '@/lib/status';

export const LIMIT_SOURCES = ['own', 'default'] as const;

export const deviceUrl = z.extend(pageSchema, {
  /** The device; names hold slashes and cannot be part of the path. */
  name: z._default(z.string(), ''),
  /** Whose quotas; absent is the first type that the device has. */
  type: z.optional(z.enum(QUOTA_TYPES)),
  status: z.optional(z.enum(QUOTA_STATUSES)),
  source: z.optional(z.enum(LIMIT_SOURCES)),
  sort: z._default(z.string(), '-percent'),
  /** Id of the user, group or project whose limits are being changed. */
  edit: z.optional(z.coerce.number().check(z.int(), z.nonnegative())),
});
export type DeviceUrl = z.output<typeof deviceUrl>;

/** What the address asks for, as far as the device has it; a device not known yet may have anything. */
export function typeOf({ type }: DeviceUrl, has: readonly QuotaType[]): QuotaType {
  const first = has[0] ?? type ?? 'user';
  return type !== undefined && has.includes(type) ? type : first;
}

export function isFiltered({ q, status, source, page }: DeviceUrl): boolean {
  return q !== '' || status !== undefined || source !== undefined || page > 1;
}

export interface UrlProps {
  url: DeviceUrl;
  setUrl: (patch: Partial<DeviceUrl>, options?: { replace?: boolean }) => void;
}
