import { Button, Group, Stack } from '@mantine/core';
import { IconClockExclamation, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { asProblem } from '@/api/problems';
import { Age } from '@/components/Age';
import { HostBadge } from '@/components/badges';
import { CardList } from '@/components/CardList';
import { EmptyState } from '@/components/EmptyState';
import { HostProblem } from '@/components/HostProblem';
import { Note } from '@/components/Note';
import { PageHeader } from '@/components/PageHeader';
import { ProblemPanel } from '@/components/ProblemPanel';
import { QueryBoundary } from '@/components/QueryBoundary';
import { DeviceCard } from './DeviceCard';
import { EnrolmentNote } from './EnrolmentState';
import { useHostActions } from './HostActions';
import { useHost } from './queries';

interface HostPageProps {
  /** When a device is full: a feature of its own, put in by the router. */
  renderOutlook: (host: string, device: string) => ReactNode;
}

export function HostPage({ renderOutlook }: HostPageProps) {
  const { t } = useTranslation('hosts');
  const { host = '' } = useParams();
  const { query, refresh } = useHost(host);
  const { menu, below } = useHostActions(host, query.data);
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
          <Group gap="xs">
            {menu}
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={refresh.isPending}
              onClick={refresh.ask}
            >
              {t('refresh')}
            </Button>
          </Group>
        }
      />
      {refresh.error === null ? null : <ProblemPanel problem={asProblem(refresh.error)} />}
      {below}
      <QueryBoundary query={query}>
        {({ problem, enrolment, device_list: devices }) => (
          <Stack gap="md">
            <EnrolmentNote enrolment={enrolment} />
            {problem === null ? null : <HostIsStale problem={problem} />}
            {devices.length === 0 ? (
              <EmptyState title={t('no_devices.title')} text={t('no_devices.text')} />
            ) : (
              <CardList label={t('devices', { host })}>
                {devices.map((device) => (
                  <DeviceCard key={device.name} host={host} device={device}>
                    {renderOutlook(host, device.name)}
                  </DeviceCard>
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
    <Note tone="warning" role="status" icon={IconClockExclamation} title={<HostProblem problem={problem} />}>
      {t('stale')}
    </Note>
  );
}
