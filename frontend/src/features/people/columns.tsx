import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LoginOut, MyMappingOut, PersonOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { QuotaBadge } from '@/components/badges';
import type { Column } from '@/components/DataTable';
import { QuotaUsage } from '@/components/QuotaUsage';
import { RowAge } from '@/components/RowAge';
import { useFormat } from '@/i18n/useFormat';
import { devicePath, hostPath, personPath } from '@/lib/paths';

export function usePeopleColumns(): Column<PersonOut>[] {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  return [
    {
      id: 'name',
      header: t('people:column.name'),
      sortField: 'name',
      minWidth: '7rem',
      cell: ({ id, name, is_admin }) => (
        <>
          <To path={personPath(id)} text={name} />
          {is_admin ? (
            <Text size="xs" c="dimmed">
              {t('common:account.admin')}
            </Text>
          ) : null}
        </>
      ),
    },
    { id: 'email', header: t('people:column.email'), sortField: 'email', cell: ({ email }) => email },
    {
      id: 'worst',
      header: t('people:column.worst'),
      cell: ({ worst }) => (worst === null ? null : <Worst worst={worst} />),
    },
    {
      id: 'accounts',
      header: t('people:column.accounts'),
      number: true,
      cell: ({ mappings }) => format.count(mappings.length),
    },
    {
      id: 'last_login',
      header: t('people:column.last_login'),
      sortField: 'last_login_at',
      cell: ({ last_login_at }) => <time dateTime={last_login_at}>{format.instant(last_login_at)}</time>,
    },
  ];
}

function To({ path, text }: { path: string; text: string }) {
  return (
    <Anchor component={Link} to={path} fw={600} style={{ overflowWrap: 'anywhere' }}>
      {text}
    </Anchor>
  );
}

function Worst({ worst: { host, device, status, percent } }: { worst: NonNullable<PersonOut['worst']> }) {
  const format = useFormat();
  return (
    <>
      <Group gap="xs">
        <QuotaBadge status={status} percent={percent} />
        {percent === null ? null : <Text size="sm">{format.percent(percent)}</Text>}
      </Group>
      <Text size="xs" c="dimmed">
        {[host, device].join(' ')}
      </Text>
    </>
  );
}

export function useRowColumns(onEdit: (row: QuotaRow) => void): Column<QuotaRow>[] {
  const { t } = useTranslation('people');
  return [
    {
      id: 'device',
      header: t('column.device'),
      minWidth: '9rem',
      cell: ({ host, device }) => (
        <Stack gap={0}>
          <To path={devicePath(host, device)} text={device} />
          <Anchor component={Link} to={hostPath(host)} size="xs" style={{ overflowWrap: 'anywhere' }}>
            {host}
          </Anchor>
        </Stack>
      ),
    },
    { id: 'username', header: t('column.username'), cell: ({ name }) => name },
    {
      id: 'status',
      header: t('column.status'),
      cell: ({ status, percent }) => <QuotaBadge status={status} percent={percent} />,
    },
    {
      id: 'usage',
      header: t('column.usage'),
      minWidth: '15rem',
      cell: (row) => <QuotaUsage row={row} name={[row.host, row.device].join(' ')} />,
    },
    { id: 'age', header: t('column.age'), minWidth: '9rem', cell: (row) => <RowAge row={row} /> },
    {
      id: 'edit',
      header: t('column.edit'),
      cell: (row) => (
        <Button
          variant="default"
          size="xs"
          aria-label={t('edit', { device: row.device, host: row.host })}
          onClick={() => onEdit(row)}
        >
          {t('edit_short')}
        </Button>
      ),
    },
  ];
}

export function useAccountColumns(): Column<MyMappingOut>[] {
  const { t } = useTranslation(['people', 'mappings', 'status']);
  return [
    {
      id: 'host',
      header: t('people:column.host'),
      minWidth: '6rem',
      cell: ({ host }) => <To path={hostPath(host)} text={host} />,
    },
    { id: 'username', header: t('people:column.username'), cell: ({ username }) => username },
    { id: 'uid', header: t('mappings:column.uid'), number: true, cell: ({ uid }) => uid },
    { id: 'state', header: t('mappings:column.state'), cell: ({ state }) => t(`status:mapping.${state}`) },
    { id: 'via', header: t('mappings:column.via'), cell: ({ via }) => t(`mappings:via.${via}`) },
  ];
}

export function useLoginColumns(): Column<LoginOut>[] {
  const { t } = useTranslation('people');
  const format = useFormat();
  const instant = (at: string) => <time dateTime={at}>{format.instant(at)}</time>;
  return [
    { id: 'at', header: t('column.login_at'), cell: ({ at }) => instant(at) },
    {
      id: 'ended',
      header: t('column.login_ended'),
      cell: ({ ended_at, expires_at }) => instant(ended_at ?? expires_at),
    },
  ];
}
