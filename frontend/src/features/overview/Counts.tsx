import { Paper, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { OverviewOut } from '@/api/generated/types.gen';
import { useFormat } from '@/i18n/useFormat';

export function Counts({ overview }: { overview: OverviewOut }) {
  const { t } = useTranslation('overview');
  const { hosts, rows, devices, people } = overview;
  const tiles = [
    { label: t('hosts_ok'), count: hosts.ok },
    { label: t('hosts_not_ok'), count: hosts.stale + hosts.never },
    { label: t('quotas_bad'), count: rows.soft_exceeded + rows.grace_expired + rows.hard_reached },
    { label: t('quotas_ok'), count: rows.ok },
    { label: t('devices'), count: devices },
    { label: t('people'), count: people },
  ];
  return (
    <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 6 }} m={0} aria-label={t('counts')}>
      {tiles.map(({ label, count }) => (
        <Tile key={label} label={label} count={count} />
      ))}
    </SimpleGrid>
  );
}

function Tile({ label, count }: { label: string; count: number }) {
  const format = useFormat();
  return (
    <Paper withBorder p="md" bg="var(--qman-ground)">
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} fz={28} fw={700} lh={1.2}>
        {format.count(count)}
      </Text>
    </Paper>
  );
}
