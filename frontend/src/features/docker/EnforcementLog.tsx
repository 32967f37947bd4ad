import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DockerEventOut } from '@/api/generated/types.gen';
import type { Column } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { ExportLinks } from '@/components/ExportLinks';
import { PagedList } from '@/components/PagedList';
import { useFormat } from '@/i18n/useFormat';
import { useUrlState } from '@/lib/urlState';
import { HostFilter } from './HostFilter';
import { eventFiltersOf, useEvents } from './queries';
import { EMPTY, EVENTS, fleetUrl, wordOf } from './url';
import { UserFilter } from './UserFilter';

/** What enforcement of the Docker quota did on all hosts, the newest first. */
export function EnforcementLog() {
  const { t } = useTranslation('docker');
  const [url, setUrl] = useUrlState(fleetUrl);
  const query = useEvents(url);
  const columns = useEventColumns();
  const isFiltered = Object.keys(eventFiltersOf(url)).length > 0;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <Filters />
        <ExportLinks list="docker-events" filters={eventFiltersOf(url)} />
      </Group>
      <PagedList
        label={t('fleet.events')}
        query={query}
        empty={
          <EmptyState title={t('events.none')} text={t(isFiltered ? 'fleet.none_found' : 'events.none_text')}>
            {isFiltered ? (
              <Button variant="default" onClick={() => setUrl(EMPTY)}>
                {t('fleet.clear')}
              </Button>
            ) : null}
          </EmptyState>
        }
        columns={columns}
        rowKey={({ id }) => id}
        url={{ page: url.page }}
        setUrl={setUrl}
      />
    </Stack>
  );
}

function Filters() {
  const { t } = useTranslation('docker');
  const [url, setUrl] = useUrlState(fleetUrl);
  return (
    <Group align="flex-end" gap="sm">
      <HostFilter host={url.host} onChange={(host) => setUrl({ host, page: 1 })} />
      <UserFilter host={url.host} user={url.user} onChange={(user) => setUrl({ user, page: 1 })} />
      <Select
        label={t('events.type')}
        w="11rem"
        placeholder={t('fleet.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('fleet.clear_one', { name: t('events.type') }) }}
        data={EVENTS.map((each) => ({ value: each, label: t(`events.word.${wordOf(each)}`) }))}
        value={url.type ?? null}
        onChange={(value) => setUrl({ type: EVENTS.find((each) => each === value), page: 1 })}
      />
      {(['since', 'until'] as const).map((bound) => (
        <TextInput
          key={bound}
          type="date"
          label={t(`events.${bound}`)}
          value={url[bound] ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setUrl({ [bound]: value === '' ? undefined : value, page: 1 })
          }
        />
      ))}
    </Group>
  );
}

function useEventColumns(): Column<DockerEventOut>[] {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const word = (type: string) => {
    const known = EVENTS.find((each) => each === type);
    return known === undefined ? type : t(`events.word.${wordOf(known)}`);
  };
  return [
    { id: 'at', header: t('events.at'), minWidth: '8rem', cell: (each) => format.instant(each.occurred_at) },
    { id: 'host', header: t('fleet.host'), cell: ({ host }) => host },
    {
      id: 'user',
      header: t('fleet.user'),
      cell: ({ user, uid }) => user ?? (uid === null ? '–' : `#${uid}`),
    },
    {
      id: 'what',
      header: t('events.type'),
      minWidth: '9rem',
      cell: ({ type, container }) => (
        <Stack gap={0} style={{ overflowWrap: 'anywhere' }}>
          <span>{word(type)}</span>
          {container === null ? null : (
            <Text size="xs" c="dimmed" title={container.id}>
              {container.name}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: 'used',
      header: t('events.used'),
      number: true,
      cell: ({ used_bytes, limit_bytes }) =>
        used_bytes === null || limit_bytes === null
          ? '–'
          : t('events.of', { used: format.bytes(used_bytes), limit: format.bytes(limit_bytes) }),
    },
    { id: 'why', header: t('events.why'), minWidth: '18rem', cell: ({ explanation }) => explanation },
  ];
}
