import { Button, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RowsOut } from '@/api/generated/types.gen';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Note } from '@/components/Note';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { PAGE_SIZE } from '@/lib/paging';
import { useRowColumns } from './columns';
import { isEdited, type UrlProps } from './url';

interface DeviceRowsProps extends UrlProps {
  query: UseQueryResult<RowsOut, unknown>;
  canEdit: boolean;
}

export function DeviceRows({ query, url, setUrl, canEdit }: DeviceRowsProps) {
  const { t } = useTranslation('device');
  const columns = useRowColumns(canEdit ? (id) => setUrl({ edit: id }) : null);
  return (
    <QueryBoundary
      query={query}
      isEmpty={({ total }) => total === 0}
      empty={<NoRows url={url} setUrl={setUrl} />}
    >
      {({ items, total }) => (
        <Stack gap="sm">
          {url.edit === undefined || items.some((row) => isEdited(row, url)) ? null : (
            <Note tone="warning" role="status">
              {t('gone')}
            </Note>
          )}
          <DataTable
            label={t('label', { device: url.name })}
            columns={columns}
            rows={items}
            rowKey={({ quota_type, id }) => `${quota_type}:${id}`}
            sort={url.sort}
            onSort={(sort) => setUrl({ sort, page: 1 })}
          />
          <Pages page={url.page} pageSize={PAGE_SIZE} total={total} onChange={(page) => setUrl({ page })} />
        </Stack>
      )}
    </QueryBoundary>
  );
}

function NoRows({ url, setUrl }: UrlProps) {
  const { t } = useTranslation('device');
  const filtered = url.q !== '' || url.status !== undefined || url.page > 1;
  if (!filtered) return <EmptyState title={t('empty.title')} text={t('empty.text')} />;
  return (
    <EmptyState title={t('none_found.title')} text={t('none_found.text')}>
      <Button variant="default" onClick={() => setUrl({ q: '', status: undefined, page: 1 })}>
        {t('clear')}
      </Button>
    </EmptyState>
  );
}
