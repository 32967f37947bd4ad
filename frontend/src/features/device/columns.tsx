import { Anchor, Button, Checkbox, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CapabilitiesOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { QuotaBadge, SourceBadge } from '@/components/badges';
import type { Column } from '@/components/DataTable';
import { GraceEnds, UsageBar } from '@/components/QuotaUsage';
import { useFormat } from '@/i18n/useFormat';
import type { QuotaType } from '@/lib/deviceState';
import { personPath } from '@/lib/paths';
import type { SelectionControl } from './selection';

type RowColumn = Column<QuotaRow>;

interface TableOf {
  type: QuotaType;
  /** Null while they are not known; then nothing can be changed, and every column is shown. */
  capabilities: CapabilitiesOut | null;
  /** The rows of this page. */
  rows: QuotaRow[];
  selection: SelectionControl;
  onEdit: (id: number) => void;
}

/** The columns of a device's table: what the device cannot do has none. */
export function useRowColumns({ type, capabilities, rows, selection, onEdit }: TableOf): RowColumn[] {
  const { t } = useTranslation('device');
  const editable = capabilities !== null;
  const { inode_limits: files = true, grace_periods: grace = true } = capabilities ?? {};
  const select = useSelectColumn(rows, selection);
  return [
    ...(editable ? [select] : []),
    { id: 'name', header: t(`quota_type.${type}`), sortField: 'name', cell: (row) => <Who row={row} /> },
    ...useFigureColumns({ files, grace }),
    {
      id: 'limits',
      header: t('column.limits'),
      cell: ({ limits_source }) => <SourceBadge source={limits_source} />,
    },
    ...(editable
      ? [
          {
            id: 'edit',
            header: t('column.edit'),
            cell: (row: QuotaRow) => <EditButton row={row} onEdit={onEdit} />,
          },
        ]
      : []),
  ];
}

function useFigureColumns({ files, grace }: { files: boolean; grace: boolean }): RowColumn[] {
  const { t } = useTranslation(['device', 'common']);
  const format = useFormat();
  const columns: (RowColumn | false)[] = [
    {
      id: 'status',
      header: t('device:column.status'),
      sortField: 'status',
      cell: ({ status, percent }) => <QuotaBadge status={status} percent={percent} />,
    },
    {
      id: 'space',
      header: t('common:space'),
      minWidth: '14rem',
      sortField: 'block_current',
      cell: (row) => <UsageBar row={row} resource="block" name={row.name} />,
    },
    files && {
      id: 'files',
      header: t('common:files'),
      minWidth: '14rem',
      sortField: 'inode_current',
      cell: (row) => <UsageBar row={row} resource="inode" name={row.name} />,
    },
    {
      id: 'percent',
      header: t('device:column.percent'),
      sortField: 'percent',
      number: true,
      cell: ({ percent }) => (percent === null ? null : format.percent(percent)),
    },
    grace && {
      id: 'grace',
      header: t('device:column.grace'),
      minWidth: '7rem',
      cell: (row) => <GraceEnds row={row} />,
    },
  ];
  return columns.filter((column) => column !== false);
}

function useSelectColumn(rows: QuotaRow[], { isSelected, toggle, togglePage }: SelectionControl): RowColumn {
  const { t } = useTranslation('device');
  const ids = rows.map(({ id }) => id);
  const all = ids.length > 0 && ids.every(isSelected);
  const label = t('selection.page');
  return {
    id: 'select',
    header: label,
    head: (
      <Checkbox
        aria-label={label}
        checked={all}
        indeterminate={!all && ids.some(isSelected)}
        onChange={() => togglePage(ids)}
      />
    ),
    cell: ({ id, name }) => (
      <Checkbox
        aria-label={t('selection.row', { name })}
        checked={isSelected(id)}
        onChange={() => toggle(id)}
      />
    ),
  };
}

function Who({ row: { name, id, person } }: { row: QuotaRow }) {
  return (
    <Stack gap={0}>
      <Text fw={600}>{name}</Text>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {person === null ? (
          id
        ) : (
          <Anchor component={Link} to={personPath(person.id)} size="xs">
            {[id, person.name].join(' · ')}
          </Anchor>
        )}
      </Text>
    </Stack>
  );
}

function EditButton({ row, onEdit }: { row: QuotaRow; onEdit: (id: number) => void }) {
  const { t } = useTranslation('device');
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
