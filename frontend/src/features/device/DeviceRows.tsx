import { Button, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { CapabilitiesOut, RowsOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Note } from '@/components/Note';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { RowAge } from '@/components/RowAge';
import type { QuotaType } from '@/lib/deviceState';
import { PAGE_SIZE } from '@/lib/paging';
import { useRowColumns } from './columns';
import type { SelectionControl } from './selection';
import { isFiltered, type UrlProps } from './url';

interface TableProps extends UrlProps {
  type: QuotaType;
  /** Null while they are not known: nothing can be changed then. */
  capabilities: CapabilitiesOut | null;
  selection: SelectionControl;
}

export function DeviceRows({ query, ...table }: TableProps & { query: UseQueryResult<RowsOut, unknown> }) {
  const { url, setUrl, type } = table;
  return (
    <QueryBoundary
      query={query}
      isEmpty={({ total }) => total === 0}
      empty={<NoRows url={url} setUrl={setUrl} type={type} />}
    >
      {({ items, total }) => <Rows {...table} items={items} total={total} />}
    </QueryBoundary>
  );
}

function Rows({ url, setUrl, items, total, ...table }: TableProps & { items: QuotaRow[]; total: number }) {
  const { t } = useTranslation('device');
  const columns = useRowColumns({ ...table, rows: items, onEdit: (id) => setUrl({ edit: id }) });
  const [first] = items;
  return (
    <Stack gap="sm">
      {/* One reading has brought them all. */}
      {first === undefined ? null : <RowAge row={first} />}
      {url.edit === undefined || items.some(({ id }) => id === url.edit) ? null : (
        <Note tone="warning" role="status">
          {t('gone')}
        </Note>
      )}
      <DataTable
        label={t('label', { device: url.name })}
        columns={columns}
        rows={items}
        rowKey={({ id }) => String(id)}
        sort={url.sort}
        onSort={(sort) => setUrl({ sort, page: 1 })}
      />
      <Pages
        label={t('label', { device: url.name })}
        page={url.page}
        pageSize={PAGE_SIZE}
        total={total}
        onChange={(page) => setUrl({ page })}
      />
    </Stack>
  );
}

function NoRows({ url, setUrl, type }: UrlProps & { type: QuotaType }) {
  const { t } = useTranslation('device');
  if (!isFiltered(url)) return <EmptyState title={t('empty.title')} text={t(`empty.${type}`)} />;
  return (
    <EmptyState title={t('none_found.title')} text={t('none_found.text')}>
      <Button
        variant="default"
        onClick={() => setUrl({ q: '', status: undefined, source: undefined, page: 1 })}
      >
        {t('clear')}
      </Button>
    </EmptyState>
  );
}
