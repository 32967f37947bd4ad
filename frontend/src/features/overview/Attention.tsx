import { Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionOut } from '@/api/generated/types.gen';
import { type Column, DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { useFormat } from '@/i18n/useFormat';
import { useDeviceColumns, useHostColumns, useRowColumns } from './columns';

interface AttentionProps {
  attention: AttentionOut;
  hasHosts: boolean;
}

export function Attention({ attention, hasHosts }: AttentionProps) {
  const { t } = useTranslation('overview');
  const { hosts, devices, rows, counts } = attention;
  const hostColumns = useHostColumns();
  const deviceColumns = useDeviceColumns();
  const rowColumns = useRowColumns();
  if (!hasHosts) return <EmptyState title={t('no_hosts.title')} text={t('no_hosts.text')} />;
  if (counts.hosts + counts.devices + counts.rows === 0) {
    return <EmptyState icon={IconCircleCheck} title={t('calm.title')} text={t('calm.text')} />;
  }
  return (
    <Stack gap="lg" component="section" aria-label={t('attention')}>
      <Section
        title={t('hosts_title')}
        columns={hostColumns}
        rows={hosts}
        total={counts.hosts}
        rowKey={({ id }) => id}
      />
      <Section
        title={t('rows_title')}
        columns={rowColumns}
        rows={rows}
        total={counts.rows}
        rowKey={({ host, device, quota_type, id }) => [host, device, quota_type, id].join()}
      />
      <Section
        title={t('devices_title')}
        columns={deviceColumns}
        rows={devices}
        total={counts.devices}
        rowKey={({ host, device }) => [host, device].join()}
      />
    </Stack>
  );
}

interface SectionProps<Row> {
  title: string;
  columns: Column<Row>[];
  rows: Row[];
  /** How many there are; the master sends the most urgent ones only. */
  total: number;
  rowKey: (row: Row) => string;
}

function Section<Row>({ title, columns, rows, total, rowKey }: SectionProps<Row>): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  if (rows.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2}>{title}</Title>
      <DataTable label={title} columns={columns} rows={rows} rowKey={rowKey} />
      {total <= rows.length ? null : (
        <Text size="sm" c="dimmed">
          {t('more', { shown: format.count(rows.length), total: format.count(total) })}
        </Text>
      )}
    </Stack>
  );
}
