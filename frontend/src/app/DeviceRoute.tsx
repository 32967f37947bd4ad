import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { DevicePage } from '@/features/device/DevicePage';
import { LimitsDrawer } from '@/features/limits/LimitsDrawer';
import { DeviceSettings } from '@/features/settings/DeviceSettings';
import { withMoreWords } from '@/i18n';

// Nobody changes many before the list is there.
const BatchDrawer = lazy(async () => ({
  default: (await import('@/features/batch/BatchDrawer')).BatchDrawer,
}));

const HistoryPanel = lazy(async () => ({
  default: (await import('@/features/history/HistoryPanel')).HistoryPanel,
}));

const DockerPanel = lazy(async () => ({
  default: (await withMoreWords(import('@/features/docker/DockerPanel'))).DockerPanel,
}));

/** Features do not know each other: here the table of a device gets its editors. */
export function DeviceRoute() {
  return (
    <DevicePage
      renderEditor={(props) => <LimitsDrawer {...props} />}
      renderHistory={({ host, device }) => (
        <Suspense fallback={<Skeleton height={300} radius="md" />}>
          <HistoryPanel series={{ host, device }} name={`${device}, ${host}`} />
        </Suspense>
      )}
      renderDocker={(host) => (
        <Suspense fallback={<Skeleton height={300} radius="md" />}>
          <DockerPanel host={host} />
        </Suspense>
      )}
      renderSettings={(props) => <DeviceSettings {...props} />}
      renderBatch={(props) => (
        <Suspense fallback={null}>
          <BatchDrawer {...props} />
        </Suspense>
      )}
    />
  );
}
