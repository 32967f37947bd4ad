import { Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { SearchBox } from '@/components/SearchBox';
import { pageSchema } from '@/lib/paging';
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
      <PagedList
        label={t('title')}
        query={query}
        empty={<EmptyState title={t(`${empty}.title`)} text={t(`${empty}.text`)} />}
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
    </Stack>
  );
}
