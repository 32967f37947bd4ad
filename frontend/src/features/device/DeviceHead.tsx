import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { HostDeviceOut } from '@/api/generated/types.gen';
import { DeviceProblem } from '@/components/DeviceProblem';
import { DeviceUsage } from '@/components/DeviceUsage';
import { Note } from '@/components/Note';

/** How full the device is, or why that is not known. */
export function DeviceHead({ device }: { device: HostDeviceOut | null }) {
  const { t } = useTranslation('status');
  if (device === null) return null;
  const { problem, usage, name } = device;
  return (
    <>
      {problem === null ? null : (
        <Note tone="problem" role="status" icon={IconPlugConnectedX} title={t('device.failed')}>
          <DeviceProblem code={problem.code} detail={problem.detail} />
        </Note>
      )}
      {usage === null ? null : <DeviceUsage name={name} usage={usage} />}
    </>
  );
}
