import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { Pages } from '@/components/Pages';
import { PAGE_SIZE } from '@/lib/paging';
import { useDockerColumns } from './columns';
import { keyOf, type Line, type List } from './model';

interface ObjectTableProps {
  list: List;
  lines: Line[];
  page: number;
  onPage: (page: number) => void;
  onSay: (line: Line) => void;
}

/** One of the lists of objects, a part at a time: a host may have thousands of records of the build cache. */
export function ObjectTable({ list, lines, page, onPage, onSay }: ObjectTableProps) {
  const { t } = useTranslation('docker');
  const columns = useDockerColumns(list, onSay);
  const label = t(`list.${list}`);
  const start = (page - 1) * PAGE_SIZE;
  if (lines.length === 0) return <EmptyState title={t(`none.${list}`)} text={t('none.text')} />;
  return (
    <Stack gap="sm">
      <DataTable
        label={label}
        columns={columns}
        rows={lines.slice(start, start + PAGE_SIZE)}
        rowKey={keyOf}
      />
      <Pages label={label} page={page} pageSize={PAGE_SIZE} total={lines.length} onChange={onPage} />
    </Stack>
  );
}
