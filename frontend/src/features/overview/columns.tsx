import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AttentionOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { Age } from '@/components/Age';
import { HostBadge, QuotaBadge } from '@/components/badges';
import type { Column } from '@/components/DataTable';
import { DeviceProblem } from '@/components/DeviceProblem';
import { HostProblem } from '@/components/HostProblem';
import { QuotaUsage } from '@/components/QuotaUsage';
import { RowAge } from '@/components/RowAge';
import { useFormat } from '@/i18n/useFormat';
import { devicePath, hostPath } from '@/lib/paths';

function To({ path, text }: { path: string; text: string }) {
  return (
    <Anchor component={Link} to={path} fw={600}>
      {text}
    </Anchor>
  );
}

export function useHostColumns(): Column<AttentionOut['hosts'][number]>[] {
  const { t } = useTranslation('overview');
  return [
    {
      id: 'host',
      header: t('column.host'),
      cell: ({ id, label }) => <To path={hostPath(id)} text={label} />,
    },
    { id: 'state', header: t('column.state'), cell: ({ state }) => <HostBadge state={state} /> },
    {
      id: 'problem',
      header: t('column.problem'),
      minWidth: '14rem',
      cell: ({ problem }) => (problem === null ? null : <HostProblem problem={problem} />),
    },
    { id: 'age', header: t('column.age'), minWidth: '10rem', cell: ({ taken_at }) => <Age at={taken_at} /> },
  ];
}

/** The row in the table of its device, with the editor open. */
function rowPath({ host, device, name, id, quota_type }: QuotaRow): string {
  return devicePath(host, device, { type: quota_type, q: name, edit: String(id) });
}

/** From who needs attention to the place to change it: one click. */
export function useRowColumns(): Column<AttentionOut['rows'][number]>[] {
  const { t } = useTranslation('overview');
  return [
    {
      id: 'who',
      header: t('column.who'),
      cell: (row) => <To path={rowPath(row)} text={row.name} />,
    },
    {
      id: 'status',
      header: t('column.status'),
      cell: ({ status, percent }) => <QuotaBadge status={status} percent={percent} />,
    },
    {
      id: 'usage',
      header: t('column.usage'),
      minWidth: '19rem',
      cell: (row) => <QuotaUsage row={row} name={row.name} />,
    },
    { id: 'host', header: t('column.host'), cell: ({ host }) => <To path={hostPath(host)} text={host} /> },
    {
      id: 'device',
      header: t('column.device'),
      cell: ({ host, device }) => <To path={devicePath(host, device)} text={device} />,
    },
    { id: 'age', header: t('column.age'), minWidth: '10rem', cell: (row) => <RowAge row={row} /> },
  ];
}

export function useDeviceColumns(): Column<AttentionOut['devices'][number]>[] {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return [
    {
      id: 'device',
      header: t('column.device'),
      cell: ({ host, device }) => <To path={devicePath(host, device)} text={device} />,
    },
    { id: 'host', header: t('column.host'), cell: ({ host }) => <To path={hostPath(host)} text={host} /> },
    {
      id: 'used',
      header: t('column.used'),
      number: true,
      cell: ({ percent }) => (percent === null ? null : format.percent(percent)),
    },
    {
      id: 'full',
      header: t('column.full'),
      cell: ({ full_at }) => (full_at === null ? null : format.instant(full_at)),
    },
    {
      id: 'problem',
      header: t('column.problem'),
      minWidth: '14rem',
      cell: ({ problem }) => (problem === null ? null : <DeviceProblem code={problem} />),
    },
  ];
}
