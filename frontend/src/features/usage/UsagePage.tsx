import { Stack } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { CardList } from '@/components/CardList';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { PAGE_SIZE, pageSchema } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { NoQuotas } from './NoQuotas';
import { useMyQuotas } from './queries';
import { UsageCard } from './UsageCard';

// Hardly anybody has more quotas than one page shows.
const Pages = lazy(async () => ({ default: (await import('@/components/Pages')).Pages }));

interface UsagePageProps {
  /** What a quota did lately and consists of: features of their own, put in by the router. */
  renderMore: (row: QuotaRow) => ReactNode;
  /** What is mine without a quota. */
  children: ReactNode;
}

export function UsagePage({ renderMore, children }: UsagePageProps) {
  const { t } = useTranslation('usage');
  const [{ page }, setUrl] = useUrlState(pageSchema);
  const query = useMyQuotas(page);
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} />
      <QueryBoundary query={query} isEmpty={({ total }) => total === 0} empty={<NoQuotas />}>
        {({ items, total }) => (
          <Stack gap="sm">
            <CardList label={t('label')}>
              {items.map((row) => (
                <UsageCard key={[row.host, row.device, row.quota_type, row.id].join()} row={row}>
                  {renderMore(row)}
                </UsageCard>
              ))}
            </CardList>
            {total > PAGE_SIZE && (
              <Suspense fallback={null}>
                <Pages
                  label={t('label')}
                  page={page}
                  pageSize={PAGE_SIZE}
                  total={total}
                  onChange={(next) => setUrl({ page: next })}
                />
              </Suspense>
            )}
          </Stack>
        )}
      </QueryBoundary>
      {children}
    </Stack>
  );
}
