import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OneOfManyOut } from '@/api/generated/types.gen';
import { type Column, DataTable } from '@/components/DataTable';
import { LimitChange } from '@/components/LimitChange';
import { Pages } from '@/components/Pages';
import { LIMIT_NAMES, type Limits } from '@/lib/limits';

interface ForeseenTableProps {
  label: string;
  rows: OneOfManyOut[];
  /** What all of them get. */
  limits: Partial<Limits>;
  /** What is to be told of each: a warning, a problem, how it ended. */
  last: Column<OneOfManyOut>;
}

/** Few enough to draw beside a form. */
const SHOWN = 25;

/** Each by name, with what it has and what it gets. */
export function ForeseenTable({ label, rows, limits, last }: ForeseenTableProps) {
  const { t } = useTranslation(['batch', 'limits']);
  const [page, setPage] = useState(1);
  const changed = LIMIT_NAMES.filter((name) => limits[name] !== undefined);
  const columns: Column<OneOfManyOut>[] = [
    {
      id: 'name',
      header: t('batch:column.name'),
      cell: ({ name, id }) => (
        <Stack gap={0}>
          <Text fw={600}>{name}</Text>
          <Text size="xs" c="dimmed">
            {id}
          </Text>
        </Stack>
      ),
    },
    last,
    ...changed.map((name): Column<OneOfManyOut> => ({
      id: name,
      header: t(`limits:short.${name}`),
      cell: ({ before }) => (
        <LimitChange name={name} before={before?.[name] ?? null} after={limits[name] ?? 0} />
      ),
    })),
  ];
  return (
    <Stack gap="sm">
      <DataTable
        label={label}
        columns={columns}
        rows={rows.slice((page - 1) * SHOWN, page * SHOWN)}
        rowKey={({ id, name }) => `${id ?? ''} ${name}`}
      />
      <Pages label={label} page={page} pageSize={SHOWN} total={rows.length} onChange={setPage} />
    </Stack>
  );
}
