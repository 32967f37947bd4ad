import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconClockExclamation, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { asProblem } from '@/api/problems';
import { Age } from '@/components/Age';
import { HostBadge } from '@/components/badges';
import { CardList } from '@/components/CardList';
import { EmptyState } from '@/components/EmptyState';
import { HostProblem } from '@/components/HostProblem';
import { PageHeader } from '@/components/PageHeader';
import { ProblemPanel } from '@/components/ProblemPanel';
import { QueryBoundary } from '@/components/QueryBoundary';
import { DeviceCard } from './DeviceCard';
import { useHost, useRefreshHost } from './queries';

export function HostPage() {
  const { t } = useTranslation('hosts');
  const { host = '' } = useParams();
  const query = useHost(host);
  const refresh = useRefreshHost(host);
  return (
    <Stack gap="lg">
      <PageHeader
        title={host}
        crumbs={[{ label: t('title'), to: '/hosts' }]}
        subtitle={
          query.data === undefined ? undefined : (
            <Group gap="xs">
              <HostBadge state={query.data.state} />
              <Age at={query.data.taken_at} />
            </Group>
          )
        }
        actions={
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={refresh.isPending}
            onClick={() => refresh.mutate({ path: { host } })}
          >
            {t('refresh')}
          </Button>
        }
      />
      {refresh.error === null ? null : <ProblemPanel problem={asProblem(refresh.error)} />}
      <QueryBoundary query={query}>
        {({ problem, devices }) => (
          <Stack gap="md">
            {problem === null ? null : <HostIsStale problem={problem} />}
            {devices.length === 0 ? (
              <EmptyState title={t('no_devices.title')} text={t('no_devices.text')} />
            ) : (
              <CardList label={t('devices', { host })}>
                {devices.map((device) => (
                  <DeviceCard key={device.name} host={host} device={device} />
                ))}
              </CardList>
            )}
          </Stack>
        )}
      </QueryBoundary>
    </Stack>
  );
}

function HostIsStale({ problem }: { problem: { code: string; detail: string } }) {
  const { t } = useTranslation('hosts');
  return (
    <Alert
      role="status"
      color="orange"
      variant="outline"
      bg="var(--qman-ground)"
      icon={<IconClockExclamation aria-hidden />}
      title={<HostProblem problem={problem} />}
    >
      {t('stale')}
    </Alert>
  );
}
