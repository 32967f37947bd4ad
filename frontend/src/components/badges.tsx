import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconClockOff,
  IconHourglassEmpty,
  IconPlayerPause,
  IconPlugConnectedX,
  IconTrendingUp,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
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
