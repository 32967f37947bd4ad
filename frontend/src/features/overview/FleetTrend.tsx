import { Paper, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { OverviewOut } from '@/api/generated/types.gen';
import { TrendChart } from '@/components/TrendChart';

const DAY_SECONDS = 86_400;

/** What all devices together used by day; shown from the second day on. */
export function FleetTrend({ trend }: Pick<OverviewOut, 'trend'>) {
  const { t } = useTranslation('overview');
  if (trend.length < 2) return null;
  return (
    <Paper component="section" withBorder p="md" bg="var(--qman-ground)" aria-label={t('trend')}>
      <Stack gap="sm">
        <Title order={2}>{t('trend')}</Title>
        <TrendChart
          name={t('trend')}
          points={trend.map(({ at, used, total }) => ({ at: Date.parse(at), used, limit: total }))}
          stepSeconds={DAY_SECONDS}
        />
      </Stack>
    </Paper>
  );
}
