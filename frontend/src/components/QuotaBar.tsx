import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import type { QuotaLevel } from '@/lib/status';
import type { Resource } from './LimitText';
import classes from './QuotaBar.module.css';
import { percentOf, quotaScale } from './quotaScale';

interface QuotaBarProps {
  resource: Resource;
  /** Whose bar it is, for those who cannot see where it stands. */
  name: string;
  /** Bytes or counts, limits too; 0 is unlimited. */
  used: number;
  soft: number;
  hard: number;
  level: QuotaLevel;
}

export function QuotaBar({ resource, name, used, soft, hard, level }: QuotaBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const amount = resource === 'block' ? format.bytes : (count: number) => t('files_count', { count, formatted: format.count(count) });
  const scale = quotaScale(used, soft, hard);
  const percent = percentOf(used, soft, hard);
  const summary =
    percent === null
      ? t('bar.used', { used: amount(used) })
      : t('bar.used_of', { used: amount(used), limit: amount(hard > 0 ? hard : soft), percent: format.percent(percent) });
  const limits = [
    ...(soft > 0 ? [t('bar.soft', { soft: amount(soft) })] : []),
    ...(hard > 0 ? [t('bar.hard', { hard: amount(hard) })] : []),
  ].join(' · ');
  const label = t('bar.label', { resource: t(resource === 'block' ? 'space' : 'files'), name });

  return (
    <Stack gap={4}>
      {scale === null ? null : (
        <div
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(scale.fill)}
          aria-valuetext={[summary, limits].join(', ')}
          className={classes.track}
        >
          <div className={classes.fill} data-level={level} style={{ width: `${scale.fill}%` }} />
          {scale.soft === null ? null : <div className={classes.mark} style={{ left: `${scale.soft}%` }} />}
          {scale.hard === null ? null : (
            <div className={`${classes.mark} ${classes.hard}`} style={{ left: `${scale.hard}%` }} />
          )}
        </div>
      )}
      <div className={classes.caption}>
        <span>{summary}</span>
        <span className={classes.limits}>{limits}</span>
      </div>
    </Stack>
  );
}
