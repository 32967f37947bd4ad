import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { Age } from '@/components/Age';
import { QuotaBadge, StaleBadge } from '@/components/badges';
import { HostProblem } from '@/components/HostProblem';
import { QuotaUsage } from '@/components/QuotaUsage';

export function UsageCard({ row, children }: { row: QuotaRow; children?: ReactNode }) {
  const { t } = useTranslation('usage');
  const { host, device, name, status, percent, mount_points, stale, taken_at, problem } = row;
  return (
    <Paper component="li" withBorder p="md" bg="var(--qman-ground)">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Stack gap={0}>
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              {t('on', { device, host })}
            </Title>
            <Text size="sm" c="dimmed">
              {[...mount_points, t('as', { name })].join(' · ')}
            </Text>
          </Stack>
          <QuotaBadge status={status} percent={percent} />
        </Group>
        <QuotaUsage row={row} name={t('on', { device, host })} />
        {children}
        <Group gap="xs">
          {stale ? <StaleBadge /> : null}
          <Text size="xs" c="dimmed">
            <Age at={taken_at} />
          </Text>
        </Group>
        {stale ? (
          <Text size="sm">
            {problem === null ? null : <HostProblem problem={{ code: problem, detail: problem }} />}{' '}
            {t('stale')}
          </Text>
        ) : null}
      </Stack>
    </Paper>
  );
}
