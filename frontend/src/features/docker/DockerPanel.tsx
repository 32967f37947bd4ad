import { Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DockerHostOut, DockerReadingOut } from '@/api/generated/types.gen';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { HostProblem } from '@/components/HostProblem';
import { QueryBoundary } from '@/components/QueryBoundary';
import { useUrlState } from '@/lib/urlState';
import { Attribute } from './Attribute';
import { dockerUrl, type Line, type List, LISTS, linesOf, reviewLinesOf } from './model';
import { ObjectTable } from './ObjectTable';
import { useDocker, useReview } from './queries';
import { RemovableNote } from './RemovableNote';
import { Shares } from './Shares';

/** What fills Docker's store on a host, whose it is, how that is known, and what may be removed. */
export function DockerPanel({ host }: { host: string }) {
  const { t } = useTranslation('docker');
  const query = useDocker(host);
  return (
    <Stack gap="md" component="section" aria-label={t('title')}>
      <Title order={2}>{t('title')}</Title>
      <QueryBoundary
        query={query}
        isEmpty={({ store }) => store === null}
        empty={<Unread problem={query.data?.problem ?? null} />}
      >
        {(found) => (
          <Stack gap="md">
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                <Age at={found.store?.measured_at} />
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

function Unread({ problem }: Pick<DockerReadingOut, 'problem'>) {
  const { t } = useTranslation('docker');
  return (
    <EmptyState title={t('unread.title')} text={t('unread.text')}>
      {problem === null ? null : (
        <Text size="sm">
          <HostProblem problem={problem} />
        </Text>
      )}
    </EmptyState>
  );
}

function Objects({ found }: { found: DockerHostOut }) {
  const { t } = useTranslation('docker');
  const [{ list, list_page }, setUrl] = useUrlState(dockerUrl);
  const [said, setSaid] = useState<Line | null>(null);
  const review = useReview(found.host);
  const lines = linesOf(found);
  const counts: Record<List, number | undefined> = {
    container: found.containers.length,
    image: found.images.length,
    volume: found.volumes.length,
    cache: found.build_cache.length,
    review: review.data?.total,
  };
  const table = (rows: Line[]) => (
    <ObjectTable
      list={list}
      lines={rows}
      page={list_page}
      onPage={(page) => setUrl({ list_page: page })}
      onSay={setSaid}
    />
  );
  return (
    <Stack gap="md">
      <RemovableNote lines={lines} />
      <Tabs
        value={list}
        onChange={(value) => setUrl({ list: LISTS.find((each) => each === value), list_page: undefined })}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('lists')}>
          {LISTS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {counts[each] === undefined ? t(`list.${each}`) : `${t(`list.${each}`)} (${counts[each]})`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {LISTS.map((each) => (
          <Tabs.Panel key={each} value={each} pt="md">
            {each === 'review' ? (
              <QueryBoundary query={review}>
                {({ items }) => table(reviewLinesOf(items, lines))}
              </QueryBoundary>
            ) : (
              table(lines.filter(({ kind }) => kind === each))
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      <Attribute host={found.host} line={said} onClose={() => setSaid(null)} />
    </Stack>
  );
}
