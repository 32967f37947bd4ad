import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DeviceOut } from '@/api/generated/types.gen';
import { DeviceUsage } from '@/components/DeviceUsage';

/** How full the device is, or why that is not known. */
export function DeviceHead({ device }: { device: DeviceOut | null }) {
  const { t } = useTranslation(['common', 'status']);
  if (device === null) return null;
  const { problem, usage, name } = device;
  return (
    <>
      {problem === undefined || problem === null ? null : (
        <Alert
          role="status"
          color="red"
          variant="outline"
          icon={<IconPlugConnectedX aria-hidden />}
          title={t('status:device.failed')}
        >
          {t('common:device_failed', { detail: problem.detail })}
        </Alert>
      )}
      {usage === undefined || usage === null ? null : <DeviceUsage name={name} usage={usage} />}
    </>
  );
}
