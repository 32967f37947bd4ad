import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CardList } from '@/components/CardList';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { NoQuotas } from './NoQuotas';
import { useMyQuotas } from './queries';
import { UsageCard } from './UsageCard';

export function UsagePage() {
  const { t } = useTranslation('usage');
  const query = useMyQuotas();
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} />
      <QueryBoundary query={query} isEmpty={({ items }) => items.length === 0} empty={<NoQuotas />}>
        {({ items }) => (
          <CardList label={t('label')}>
            {items.map((row) => (
              <UsageCard key={[row.host, row.device, row.quota_type, row.id].join()} row={row} />
            ))}
          </CardList>
        )}
      </QueryBoundary>
    </Stack>
  );
}
