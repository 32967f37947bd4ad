import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconClockOff,
  IconGauge,
  IconGaugeOff,
  IconHourglassEmpty,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRefresh,
  IconTemplate,
  IconTrendingUp,
  IconUserCheck,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DeviceFlag } from '@/lib/deviceState';
import { quotaLevel, type HostState, type QuotaLevel, type QuotaStatus } from '@/lib/status';
import { StateBadge, type Tone } from './StateBadge';

const LEVELS: Record<QuotaLevel, { tone: Tone; icon: Icon }> = {
  ok: { tone: 'good', icon: IconCircleCheck },
  near: { tone: 'near', icon: IconTrendingUp },
  soft_exceeded: { tone: 'over', icon: IconHourglassEmpty },
  grace_expired: { tone: 'bad', icon: IconClockOff },
  hard_reached: { tone: 'bad', icon: IconAlertTriangle },
};

export function QuotaBadge({ status, percent }: { status: QuotaStatus; percent: number | null }) {
  const { t } = useTranslation('status');
  const level = quotaLevel(status, percent);
  return <StateBadge {...LEVELS[level]} word={t(`quota.${level}`)} />;
}

const HOST_STATES: Record<HostState, { tone: Tone; icon: Icon }> = {
  ok: { tone: 'good', icon: IconCircleCheck },
  stale: { tone: 'over', icon: IconClockExclamation },
  never: { tone: 'bad', icon: IconCircleDashed },
  suspended: { tone: 'quiet', icon: IconPlayerPause },
};

export function HostBadge({ state }: { state: HostState }) {
  const { t } = useTranslation('status');
  return <StateBadge {...HOST_STATES[state]} word={t(`host.${state}`)} />;
}

export function DeviceBadge({ status }: { status: 'ok' | 'failed' }) {
  const { t } = useTranslation('status');
  return status === 'ok' ? (
    <StateBadge tone="good" icon={IconCircleCheck} word={t('device.ok')} />
  ) : (
    <StateBadge tone="bad" icon={IconPlugConnectedX} word={t('device.failed')} />
  );
}

export function StaleBadge() {
  const { t } = useTranslation('status');
  return <StateBadge tone="over" icon={IconClockExclamation} word={t('stale')} />;
}

/** Whose limits these are: set for this id, or the device's defaults. */
export function SourceBadge({ source }: { source: 'own' | 'default' }) {
  const { t } = useTranslation('status');
  return (
    <StateBadge
      tone="quiet"
      icon={source === 'own' ? IconUserCheck : IconTemplate}
      word={t(`source.${source}`)}
    />
  );
}

const ENFORCEMENT = {
  off: { tone: 'bad', icon: IconGaugeOff },
  not_enforced: { tone: 'over', icon: IconGauge },
} as const;
const ACCOUNTING = {
  delayed: { tone: 'quiet', icon: IconHourglassEmpty },
  rescanning: { tone: 'near', icon: IconRefresh },
  inconsistent: { tone: 'bad', icon: IconAlertTriangle },
} as const;

/** Something about a device that is not as one expects. */
export function FlagBadge({ flag }: { flag: DeviceFlag }) {
  const { t } = useTranslation(['status', 'device']);
  return flag.about === 'accounting' ? (
    <StateBadge {...ACCOUNTING[flag.state]} word={t(`status:accounting.${flag.state}`)} />
  ) : (
    <StateBadge
      {...ENFORCEMENT[flag.state]}
      word={t(`status:enforcement.${flag.state}`, { type: t(`device:quota_type.${flag.type}`) })}
    />
  );
}
