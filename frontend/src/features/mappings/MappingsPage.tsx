import { Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MappingOut } from '@/api/generated/types.gen';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { SearchBox } from '@/components/SearchBox';
import { PAGE_SIZE, pageSchema } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { AddMapping } from './AddMapping';
import { useMappingColumns } from './columns';
import { RemoveMapping } from './RemoveMapping';
import { useMappings } from './queries';

export function MappingsPage() {
  const { t } = useTranslation('mappings');
  const [url, setUrl] = useUrlState(pageSchema);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<MappingOut | null>(null);
  const columns = useMappingColumns(setRemoving);
  const query = useMappings(url);
  const empty = url.q === '' ? 'empty' : 'none_found';
  return (
    <Stack gap="lg">
      <PageHeader
        title={t('title')}
        subtitle={t('intro')}
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
            {t('add')}
          </Button>
        }
      />
      <Group>
        <SearchBox
          label={t('search')}
          value={url.q}
          onSearch={(q) => setUrl({ q, page: 1 }, { replace: true })}
        />
      </Group>
      <QueryBoundary
        query={query}
        isEmpty={({ total }) => total === 0}
        empty={<EmptyState title={t(`${empty}.title`)} text={t(`${empty}.text`)} />}
      >
        {({ items, total }) => (
          <Stack gap="sm">
            <DataTable label={t('label')} columns={columns} rows={items} rowKey={({ id }) => id} />
            <Pages
              label={t('label')}
              page={url.page}
              pageSize={PAGE_SIZE}
              total={total}
              onChange={(page) => setUrl({ page })}
            />
          </Stack>
        )}
      </QueryBoundary>
      <AddMapping opened={adding} onClose={() => setAdding(false)} />
      <RemoveMapping mapping={removing} onClose={() => setRemoving(null)} />
    </Stack>
  );
}
