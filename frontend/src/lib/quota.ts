import { BYTES_PER_KIB } from './bytes';
import { NEAR_PERCENT, type QuotaLevel } from './status';

export type Resource = 'block' | 'inode';

/** The numbers of a row as they travel: block limits in KiB, block usage in bytes, 0 is unlimited. */
export interface QuotaNumbers {
  block_current: number;
  block_soft_limit: number;
  block_hard_limit: number;
  block_time_limit: number;
  inode_current: number;
  inode_soft_limit: number;
  inode_hard_limit: number;
  inode_time_limit: number;
}

/** One resource in one unit: bytes or counts, limits too. */
export interface ResourceUsage {
  resource: Resource;
  used: number;
  soft: number;
  hard: number;
  graceExpiresAt: number;
}

/**
 * Space, and files unless there are none and no limit: a device that does not count them says 0.
 * The only place that turns KiB of a row into bytes.
 */
export function resourcesOf(row: QuotaNumbers): ResourceUsage[] {
  const block: ResourceUsage = {
    resource: 'block',
    used: row.block_current,
    soft: row.block_soft_limit * BYTES_PER_KIB,
    hard: row.block_hard_limit * BYTES_PER_KIB,
    graceExpiresAt: row.block_time_limit,
  };
  const inode: ResourceUsage = {
    resource: 'inode',
    used: row.inode_current,
    soft: row.inode_soft_limit,
    hard: row.inode_hard_limit,
    graceExpiresAt: row.inode_time_limit,
  };
  return inode.used + inode.soft + inode.hard === 0 ? [block] : [block, inode];
}

/** Of the hard limit, else of the soft one, else null: what the master calls percent. */
export function percentOf({
  used,
  soft,
  hard,
}: Pick<ResourceUsage, 'used' | 'soft' | 'hard'>): number | null {
  const limit = hard > 0 ? hard : soft;
  // Multiplied first: 1.15 * 100 would be a little less than 115, and be cut off to 114.
  return limit > 0 ? (used * 100) / limit : null;
}

/** Colours one resource's bar; the row's own status, the worse of both, comes from the master. */
export function levelOf(usage: ResourceUsage, nowSeconds: number): QuotaLevel {
  const { used, soft, hard, graceExpiresAt } = usage;
  if (hard > 0 && used >= hard) return 'hard_reached';
  if (soft > 0 && used > soft)
    return graceExpiresAt > 0 && graceExpiresAt <= nowSeconds ? 'grace_expired' : 'soft_exceeded';
  return (percentOf(usage) ?? 0) >= NEAR_PERCENT ? 'near' : 'ok';
}

interface Scale {
  /** All in percent of the bar's length. */
  fill: number;
  soft: number | null;
  hard: number | null;
}

/** Where used, soft and hard stand on a bar; without a limit there is no bar (null). */
export function barScale({ used, soft, hard }: Pick<ResourceUsage, 'used' | 'soft' | 'hard'>): Scale | null {
  if (soft === 0 && hard === 0) return null;
  const length = Math.max(hard, soft, used);
  const at = (value: number) => (value > 0 ? (value / length) * 100 : null);
  return { fill: (used / length) * 100, soft: at(soft), hard: at(hard) };
}
