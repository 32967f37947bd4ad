import { Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DockerHostOut } from '@/api/generated/types.gen';
import { Age } from '@/components/Age';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { HostProblem } from '@/components/HostProblem';
import { QueryBoundary } from '@/components/QueryBoundary';
import { useUrlState } from '@/lib/urlState';
import { Attribute } from './Attribute';
import { useDockerColumns } from './columns';
import { dockerUrl, type Line, type List, LISTS, linesOf } from './model';
import { useDocker, useReview } from './queries';
import { Shares } from './Shares';

/** What fills Docker's store on a host, whose it is, and how that is known. */
export function DockerPanel({ host }: { host: string }) {
  const { t } = useTranslation('docker');
  const query = useDocker(host);
  return (
    <Stack gap="md" component="section" aria-label={t('title')}>
      <Title order={2}>{t('title')}</Title>
      <QueryBoundary
        query={query}
        isEmpty={({ store }) => store === null}
        empty={<EmptyState title={t('unread.title')} text={t('unread.text')} />}
      >
        {(found) => (
          <Stack gap="md">
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                <Age at={found.taken_at} />
              </Text>
              {found.problem === null ? null : (
                <Text size="sm">
                  <HostProblem problem={found.problem} />
                </Text>
              )}
              {found.store?.estimated === true ? <Text size="sm">{t('estimated')}</Text> : null}
            </Group>
            {found.store === null ? null : <Shares store={found.store} />}
            <Objects found={found} />
          </Stack>
        )}
      </QueryBoundary>
    </Stack>
  );
}

function Objects({ found }: { found: DockerHostOut }) {
  const { t } = useTranslation('docker');
  const [{ list }, setUrl] = useUrlState(dockerUrl);
  const [said, setSaid] = useState<Line | null>(null);
  const review = useReview(found.host);
  const columns = useDockerColumns(list, setSaid);
  const queue = review.data?.items ?? [];
  const lines = linesOf(found, queue, list);
  const counts: Record<List, number | undefined> = {
    container: found.containers.length,
    image: found.images.length,
    volume: found.volumes.length,
    cache: found.build_cache.length,
    review: review.data?.total,
  };
  return (
    <Tabs
      value={list}
      onChange={(value) => setUrl({ list: LISTS.find((each) => each === value) })}
      keepMounted={false}
    >
      <Tabs.List aria-label={t('lists')}>
        {LISTS.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {counts[each] === undefined ? t(`list.${each}`) : `${t(`list.${each}`)} (${counts[each]})`}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={list} pt="md">
        {lines.length === 0 ? (
          <EmptyState title={t(`none.${list}`)} text={t('none.text')} />
        ) : (
          <DataTable
            label={t(`list.${list}`)}
            columns={columns}
            rows={lines}
            rowKey={({ kind, id }) => `${kind} ${id}`}
          />
        )}
      </Tabs.Panel>
      <Attribute host={found.host} line={said} onClose={() => setSaid(null)} />
    </Tabs>
  );
}
