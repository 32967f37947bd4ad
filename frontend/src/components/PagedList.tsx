import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { PAGE_SIZE } from '@/lib/paging';
import { type Column, DataTable } from './DataTable';
import { Pages } from './Pages';
import { QueryBoundary, type QueryLike } from './QueryBoundary';

interface PagedListProps<Row> {
  label: string;
  query: QueryLike<{ items: Row[]; total: number }>;
  /** What stands there when nothing was found. */
  empty: ReactNode;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** Of the page's URL; `sort` where the server sorts this list. */
  url: { page: number; sort?: string };
  setUrl: (patch: { page: number; sort?: string }) => void;
}

/** A list that the server has filtered, sorted and paged, in its four states. */
export function PagedList<Row>(props: PagedListProps<Row>) {
  const { label, query, empty, columns, rowKey, url, setUrl } = props;
  const sorting =
    url.sort === undefined ? {} : { sort: url.sort, onSort: (sort: string) => setUrl({ sort, page: 1 }) };
  return (
    <QueryBoundary query={query} isEmpty={({ total }) => total === 0} empty={empty}>
      {({ items, total }) => (
        <Stack gap="sm">
          <DataTable label={label} columns={columns} rows={items} rowKey={rowKey} {...sorting} />
          <Pages
            label={label}
            page={url.page}
            pageSize={PAGE_SIZE}
            total={total}
            onChange={(page) => setUrl({ page })}
          />
        </Stack>
      )}
    </QueryBoundary>
  );
}
