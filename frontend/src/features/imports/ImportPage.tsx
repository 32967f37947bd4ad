import { Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { PAGE_SIZE, pageSchema } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { useSetColumns } from './columns';
import { ImportForm } from './ImportForm';
import { useChangeSets } from './queries';

export function ImportPage() {
  const { t } = useTranslation('imports');
  const [url, setUrl] = useUrlState(pageSchema);
  const columns = useSetColumns();
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} />
      <ImportForm />
      <Title order={2}>{t('recent')}</Title>
      <QueryBoundary
        query={useChangeSets(url)}
        isEmpty={({ total }) => total === 0}
        empty={<EmptyState title={t('recent_empty.title')} text={t('recent_empty.text')} />}
      >
        {({ items, total }) => (
          <Stack gap="sm">
            <DataTable label={t('recent')} columns={columns} rows={items} rowKey={({ id }) => id} />
            <Pages
              label={t('recent')}
              page={url.page}
              pageSize={PAGE_SIZE}
              total={total}
              onChange={(page) => setUrl({ page })}
            />
          </Stack>
        )}
      </QueryBoundary>
    </Stack>
  );
}
