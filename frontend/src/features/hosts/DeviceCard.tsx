import { Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HostDeviceOut } from '@/api/generated/types.gen';
import { Age } from '@/components/Age';
import { DeviceBadge, FlagBadge } from '@/components/badges';
import { DeviceProblem } from '@/components/DeviceProblem';
import { DeviceUsage } from '@/components/DeviceUsage';
import { flagsOf } from '@/lib/deviceState';
import { devicePath } from '@/lib/paths';

interface DeviceCardProps {
  host: string;
  device: HostDeviceOut;
  children?: ReactNode;
}

export function DeviceCard({ host, device, children }: DeviceCardProps) {
  const { t } = useTranslation('hosts');
  const { name, kind, fstype, mount_points, status, problem, usage, measured_at } = device;
  const flags = flagsOf(device);
  return (
    <Paper component="li" withBorder p="md" bg="var(--qman-ground)">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Stack gap={0}>
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              <Anchor component={Link} to={devicePath(host, name)} inherit>
                {name}
              </Anchor>
            </Title>
            <Text size="sm" c="dimmed">
              {[t(`kind.${kind}`), fstype, ...mount_points].filter(Boolean).join(' · ')}
            </Text>
          </Stack>
          <DeviceBadge status={status} />
        </Group>
        {flags.length === 0 ? null : (
          <Group gap="xs">
            {flags.map((flag) => (
              <FlagBadge key={flag.about === 'accounting' ? flag.about : flag.type} flag={flag} />
            ))}
          </Group>
        )}
        {problem === null ? null : (
          <Text size="sm" role="alert">
            <DeviceProblem code={problem.code} detail={problem.detail} />
          </Text>
        )}
        {usage === null ? null : <DeviceUsage name={name} usage={usage} />}
        {children}
        <Text size="xs" c="dimmed">
          <Age at={measured_at} />
        </Text>
      </Stack>
    </Paper>
  );
}
