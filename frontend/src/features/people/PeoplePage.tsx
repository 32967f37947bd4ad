import { Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { SearchBox } from '@/components/SearchBox';
import { PAGE_SIZE, pageSchema } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { usePeopleColumns } from './columns';
import { usePeople } from './queries';

const peopleUrl = z.extend(pageSchema, { sort: z._default(z.string(), 'name') });

export function PeoplePage() {
  const { t } = useTranslation('people');
  const [url, setUrl] = useUrlState(peopleUrl);
  const columns = usePeopleColumns();
  const query = usePeople(url);
  const empty = url.q === '' ? 'empty' : 'none_found';
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} />
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
            <DataTable
              label={t('title')}
              columns={columns}
              rows={items}
              rowKey={({ id }) => id}
              sort={url.sort}
              onSort={(sort) => setUrl({ sort, page: 1 })}
            />
            <Pages
              label={t('title')}
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
