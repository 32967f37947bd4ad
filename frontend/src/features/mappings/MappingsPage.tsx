import { Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MappingOut } from '@/api/generated/types.gen';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { SearchBox } from '@/components/SearchBox';
import { pageSchema } from '@/lib/paging';
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
      <PagedList
        label={t('label')}
        query={query}
        empty={<EmptyState title={t(`${empty}.title`)} text={t(`${empty}.text`)} />}
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
      <AddMapping opened={adding} onClose={() => setAdding(false)} />
      <RemoveMapping mapping={removing} onClose={() => setRemoving(null)} />
    </Stack>
  );
}
