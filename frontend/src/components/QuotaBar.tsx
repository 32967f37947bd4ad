import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { barScale, percentOf, type ResourceUsage } from '@/lib/quota';
import type { QuotaLevel } from '@/lib/status';
import classes from './QuotaBar.module.css';

interface QuotaBarProps {
  usage: ResourceUsage;
  level: QuotaLevel;
  /** Whose bar it is, for those who cannot see where it stands. */
  name: string;
}

/** Used against soft and hard limit, as a picture and in words. */
export function QuotaBar({ usage, level, name }: QuotaBarProps) {
  const { t } = useTranslation();
  const { summary, limits, exact } = useBarText(usage);
  const scale = barScale(usage);
  const label = t('bar.label', { resource: t(usage.resource === 'block' ? 'space' : 'files'), name });
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
        <span title={exact}>{summary}</span>
        <span className={classes.limits}>{limits}</span>
      </div>
    </Stack>
  );
}

function useBarText(usage: ResourceUsage) {
  const { t } = useTranslation();
  const format = useFormat();
  const { resource, used, soft, hard } = usage;
  const amount = (value: number) =>
    resource === 'block'
      ? format.bytes(value)
      : t('files_count', { count: value, formatted: format.count(value) });
  const percent = percentOf(usage);
  const summary =
    percent === null
      ? t('bar.used', { used: amount(used) })
      : t('bar.used_of', {
          used: amount(used),
          limit: amount(hard > 0 ? hard : soft),
          percent: format.percent(percent),
        });
  // Where only one limit stands, the summary has named it already.
  const limits =
    soft > 0 && hard > 0
      ? [t('bar.soft', { soft: amount(soft) }), t('bar.hard', { hard: amount(hard) })]
      : [];
  const exact =
    resource === 'block' ? t('exact_bytes', { count: used, formatted: format.count(used) }) : undefined;
  return { summary, limits: limits.join(' · '), exact };
}
