/** What a quota's row says, from good to bad; "near" is ours: 90 % and nothing passed yet. */
export const QUOTA_STATUSES = ['ok', 'soft_exceeded', 'grace_expired', 'hard_reached'] as const;
export type QuotaStatus = (typeof QUOTA_STATUSES)[number];
export type QuotaLevel = QuotaStatus | 'near';
export type HostState = 'ok' | 'stale' | 'never' | 'suspended';

export const NEAR_PERCENT = 90;

export function quotaLevel(status: QuotaStatus, percent: number | null): QuotaLevel {
  if (status === 'ok' && percent !== null && percent >= NEAR_PERCENT) return 'near';
  return status;
}
