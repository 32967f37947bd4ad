import { Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { QuotaBadge } from '@/components/badges';
import type { Column } from '@/components/DataTable';
import { QuotaUsage } from '@/components/QuotaUsage';
import { RowAge } from '@/components/RowAge';
import { useFormat } from '@/i18n/useFormat';

/** The columns of a device's table; without `onEdit` nobody can change anything there. */
export function useRowColumns(onEdit: ((id: number) => void) | null): Column<QuotaRow>[] {
  const { t } = useTranslation('device');
  const format = useFormat();
  const columns: Column<QuotaRow>[] = [
    { id: 'user', header: t('column.user'), sortField: 'name', cell: (row) => <User row={row} /> },
    {
      id: 'status',
      header: t('column.status'),
      sortField: 'status',
      cell: ({ status, percent }) => <QuotaBadge status={status} percent={percent} />,
    },
    {
      id: 'usage',
      header: t('column.usage'),
      minWidth: '16rem',
      sortField: 'block_current',
      cell: (row) => <QuotaUsage row={row} name={row.name} />,
    },
    {
      id: 'percent',
      header: t('column.percent'),
      sortField: 'percent',
      number: true,
      cell: ({ percent }) => (percent === null ? null : format.percent(percent)),
    },
    {
      id: 'limits',
      header: t('column.limits'),
      cell: ({ limits_source }) => t(`source.${limits_source}`),
    },
    { id: 'age', header: t('column.age'), minWidth: '7rem', cell: (row) => <RowAge row={row} /> },
  ];
  if (onEdit === null) return columns;
  return [
    ...columns,
    { id: 'edit', header: t('column.edit'), cell: (row) => <EditButton row={row} onEdit={onEdit} /> },
  ];
}

function User({ row: { name, id, person, quota_type } }: { row: QuotaRow }) {
  const { t } = useTranslation('device');
  return (
    <Stack gap={0}>
      <Text fw={600}>{name}</Text>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {[t(`quota_type.${quota_type}`), id, person?.name].filter((part) => part !== undefined).join(' · ')}
      </Text>
    </Stack>
  );
}

function EditButton({ row, onEdit }: { row: QuotaRow; onEdit: (id: number) => void }) {
  const { t } = useTranslation('device');
  if (row.quota_type !== 'user') return null;
  return (
    <Button
      variant="default"
      size="xs"
      aria-label={t('edit', { name: row.name })}
      onClick={() => onEdit(row.id)}
    >
      {t('edit_short')}
    </Button>
  );
}
