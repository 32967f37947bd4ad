import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostReviewItemOut } from '@/api/generated/types.gen';
import type { Column } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { useUrlState } from '@/lib/urlState';
import { Attribute } from './Attribute';
import { useDockerColumns } from './columns';
import { HostFilter } from './HostFilter';
import { keyOf, type Line, reviewLinesOf } from './model';
import { useReviewOfAll } from './queries';
import { EMPTY, fleetUrl } from './url';

type Item = Line & Pick<HostReviewItemOut, 'host'>;

/** What is not certainly somebody's, on all hosts: what is claimed first. */
export function ReviewQueue() {
  const { t } = useTranslation('docker');
  const [url, setUrl] = useUrlState(fleetUrl);
  const [said, setSaid] = useState<Item | null>(null);
  const query = useReviewOfAll(url);
  const columns: Column<Item>[] = [
    { id: 'host', header: t('fleet.host'), cell: ({ host }) => host },
    // Whether it may be removed is told where its host's objects are.
    ...useDockerColumns<Item>('review', setSaid).filter(({ id }) => id !== 'removal'),
  ];
  return (
    <Stack gap="md">
      <Group>
        <HostFilter host={url.host} onChange={(host) => setUrl({ host, page: 1 })} />
      </Group>
      <PagedList
        label={t('fleet.review')}
        query={{
          ...query,
          data: query.data && { ...query.data, items: reviewLinesOf(query.data.items, []) },
        }}
        empty={
          <EmptyState title={t('none.review')} text={t(url.host === '' ? 'none.text' : 'fleet.none_found')}>
            {url.host === '' ? null : (
              <Button variant="default" onClick={() => setUrl(EMPTY)}>
                {t('fleet.clear')}
              </Button>
            )}
          </EmptyState>
        }
        columns={columns}
        rowKey={(each) => `${each.host} ${keyOf(each)}`}
        url={{ page: url.page }}
        setUrl={setUrl}
      />
      <Attribute host={said?.host ?? ''} line={said} onClose={() => setSaid(null)} />
    </Stack>
  );
}
