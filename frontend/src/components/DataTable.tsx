import { Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { nextSort, readSort } from '@/lib/sort';
import classes from './DataTable.module.css';

export interface Column<Row> {
  id: string;
  header: string;
  /** What stands there instead of the header's words, as a box to tick; it must say them itself. */
  head?: ReactNode;
  cell: (row: Row) => ReactNode;
  /** The field the server sorts by; absent where it cannot. */
  sortField?: string;
  number?: boolean;
  /** For cells that a narrow screen would squeeze: pictures, sentences, names that may break anywhere. */
  minWidth?: string;
}

interface DataTableProps<Row> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
}

/** A table that the server has sorted and paged; on a narrow screen it scrolls in its own box. */
export function DataTable<Row>({ label, columns, rows, rowKey, sort, onSort }: DataTableProps<Row>) {
  const { t } = useTranslation();
  return (
    // Focusable, or those without a mouse could not scroll it.
    <div
      className={classes.scroll}
      role="region"
      aria-label={t('table.scroll', { name: label })}
      tabIndex={0}
    >
      <Table
        className={classes.table}
        aria-label={label}
        verticalSpacing="xs"
        horizontalSpacing="md"
        highlightOnHover
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map(({ id, cell, number, minWidth }) => (
                <Table.Td key={id} miw={minWidth} className={number === true ? classes.number : undefined}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const { header, head, sortField, number } = column;
  const className = number === true ? classes.number : undefined;
  if (sortField === undefined || sort === undefined || onSort === undefined) {
    return (
      <Table.Th scope="col" className={className}>
        {head ?? header}
      </Table.Th>
    );
  }
  const current = readSort(sort);
  const active = current.field === sortField;
  const Symbol = !active ? IconArrowsSort : current.descending ? IconArrowDown : IconArrowUp;
  const ariaSort = !active ? 'none' : current.descending ? 'descending' : 'ascending';
  return (
    <Table.Th scope="col" className={className} aria-sort={ariaSort}>
      <UnstyledButton className={classes.sort} fz="inherit" onClick={() => onSort(nextSort(sort, sortField))}>
        {header}
        <Symbol size={14} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}
