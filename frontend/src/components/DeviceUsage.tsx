import { NEAR_PERCENT } from '@/lib/status';
import { QuotaBar } from './QuotaBar';

interface DeviceUsageProps {
  name: string;
  usage: { used: number; total: number; percent: number };
}

const FULL_PERCENT = 98;

/** How full a device is: the same bar as a quota's, with the device's size as its hard limit. */
export function DeviceUsage({ name, usage }: DeviceUsageProps) {
  const { used, total, percent } = usage;
  const level = percent >= FULL_PERCENT ? 'hard_reached' : percent >= NEAR_PERCENT ? 'near' : 'ok';
  return (
    <QuotaBar
      usage={{ resource: 'block', used, soft: 0, hard: total, graceExpiresAt: 0 }}
      level={level}
      name={name}
    />
  );
}
