import { Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { pageSchema } from '@/lib/paging';
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
      <PagedList
        label={t('recent')}
        query={useChangeSets(url)}
        empty={<EmptyState title={t('recent_empty.title')} text={t('recent_empty.text')} />}
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
    </Stack>
  );
}
