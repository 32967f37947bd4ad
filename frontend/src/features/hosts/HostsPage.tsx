import { Anchor, Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import * as z from 'zod/mini';
import type { CodeOut, HostOut } from '@/api/generated/types.gen';
import { Age } from '@/components/Age';
import { HostBadge } from '@/components/badges';
import type { Column } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { HostProblem } from '@/components/HostProblem';
import { ImportLink } from '@/components/ImportLink';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { SearchBox } from '@/components/SearchBox';
import { useFormat } from '@/i18n/useFormat';
import { hostPath } from '@/lib/paths';
import { PAGE_SIZE, pageSchema } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { AddHost } from './AddHost';
import { CodeModal } from './CodeModal';
import { EnrolmentBadge } from './EnrolmentState';
import { useHosts } from './queries';
import { Standstill } from './Standstill';

const urlSchema = z.extend(pageSchema, { sort: z._default(z.string(), 'id') });

export function HostsPage() {
  const { t } = useTranslation('hosts');
  const [url, setUrl] = useUrlState(urlSchema);
  const query = useHosts({ ...url, page_size: PAGE_SIZE });
  const columns = useHostColumns();
  const [adding, setAdding] = useState(false);
  const [code, setCode] = useState<CodeOut | null>(null);
  const empty = url.q === '' ? 'empty' : 'none_found';
  return (
    <Stack gap="lg">
      <PageHeader
        title={t('title')}
        subtitle={t('intro')}
        actions={
          <Group gap="xs">
            <ImportLink />
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
              {t('add.title')}
            </Button>
          </Group>
        }
      />
      {query.data?.standstill == null ? null : <Standstill standstill={query.data.standstill} />}
      <SearchBox
        label={t('search')}
        value={url.q}
        onSearch={(q) => setUrl({ q, page: 1 }, { replace: true })}
      />
      <PagedList
        label={t('title')}
        query={query}
        empty={<EmptyState title={t(`${empty}.title`)} text={t(`${empty}.text`)} />}
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
      <AddHost
        opened={adding}
        onClose={() => setAdding(false)}
        onAdded={(added) => {
          setAdding(false);
          setCode(added);
        }}
      />
      <CodeModal code={code} onClose={() => setCode(null)} />
    </Stack>
  );
}

function useHostColumns(): Column<HostOut>[] {
  const { t } = useTranslation('hosts');
  const format = useFormat();
  return [
    {
      id: 'host',
      header: t('column.host'),
      sortField: 'id',
      cell: ({ id, label }) => (
        <Anchor component={Link} to={hostPath(id)} fw={600}>
          {label}
        </Anchor>
      ),
    },
    {
      id: 'state',
      header: t('column.state'),
      sortField: 'state',
      cell: ({ state }) => <HostBadge state={state} />,
    },
    { id: 'age', header: t('column.age'), cell: ({ taken_at }) => <Age at={taken_at} /> },
    {
      id: 'devices',
      header: t('column.devices'),
      number: true,
      cell: ({ devices }) => format.count(devices),
    },
    {
      id: 'enrolment',
      header: t('column.enrolment'),
      cell: ({ enrolment }) =>
        enrolment === null || enrolment === undefined ? (
          t('from_settings')
        ) : (
          <EnrolmentBadge state={enrolment.state} />
        ),
    },
    { id: 'version', header: t('column.version'), cell: ({ version }) => version },
    {
      id: 'problem',
      header: t('column.problem'),
      cell: ({ problem }) => (problem === null ? null : <HostProblem problem={problem} />),
    },
  ];
}
