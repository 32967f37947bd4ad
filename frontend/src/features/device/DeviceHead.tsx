import { Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { HostDeviceOut } from '@/api/generated/types.gen';
import { FlagBadge } from '@/components/badges';
import { DeviceProblem } from '@/components/DeviceProblem';
import { DeviceUsage } from '@/components/DeviceUsage';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';
import { type DeviceFlag, flagsOf } from '@/lib/deviceState';

/** How full the device is, or why that is not known; and what of it is not as one expects. */
export function DeviceHead({ device }: { device: HostDeviceOut | null }) {
  const { t } = useTranslation('status');
  if (device === null) return null;
  const { problem, usage, name, mount_points } = device;
  return (
    <>
      {problem === null ? null : (
        <Note tone="problem" role="status" icon={IconPlugConnectedX} title={t('device.failed')}>
          <DeviceProblem code={problem.code} detail={problem.detail} />
        </Note>
      )}
      {flagsOf(device).map((flag) => (
        <Flag
          key={flag.about === 'accounting' ? flag.about : flag.type}
          flag={flag}
          place={mount_points[0] ?? name}
        />
      ))}
      {usage === null ? null : <DeviceUsage name={name} usage={usage} />}
    </>
  );
}

function Flag({ flag, place }: { flag: DeviceFlag; place: string }) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const text =
    flag.about === 'accounting'
      ? t(`accounting.${flag.state}`, { place, delay: format.duration(flag.delaySeconds) })
      : t(`enforcement.${flag.state}`);
  const tone = flag.state === 'delayed' ? 'info' : 'warning';
  return (
    <Note tone={tone} role="status" title={<FlagBadge flag={flag} />}>
      <Text size="sm">{text}</Text>
    </Note>
  );
}
