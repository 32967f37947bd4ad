import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ImportLink } from '@/components/ImportLink';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { Attention } from './Attention';
import { Counts } from './Counts';
import { FleetTrend } from './FleetTrend';
import { useAttention, useOverview } from './queries';

export function OverviewPage() {
  const { t } = useTranslation('overview');
  const overview = useOverview();
  const attention = useAttention();
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} actions={<ImportLink />} />
      <QueryBoundary query={overview}>{(counts) => <Counts overview={counts} />}</QueryBoundary>
      {overview.data === undefined ? null : <FleetTrend trend={overview.data.trend} />}
      <QueryBoundary query={attention}>
        {(found) => (
          <Attention
            attention={found}
            hasHosts={overview.data === undefined || hostCount(overview.data.hosts) > 0}
          />
        )}
      </QueryBoundary>
    </Stack>
  );
}

function hostCount(hosts: Record<string, number>): number {
  return Object.values(hosts).reduce((sum, count) => sum + count, 0);
}
