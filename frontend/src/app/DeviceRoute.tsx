import { BatchDrawer } from '@/features/batch/BatchDrawer';
import { DevicePage } from '@/features/device/DevicePage';
import { HistoryPanel } from '@/features/history/HistoryPanel';
import { LimitsDrawer } from '@/features/limits/LimitsDrawer';
import { DeviceSettings } from '@/features/settings/DeviceSettings';

/** Features do not know each other: here the table of a device gets its editors. */
export function DeviceRoute() {
  return (
    <DevicePage
      renderEditor={(props) => <LimitsDrawer {...props} />}
      renderHistory={({ host, device }) => (
        <HistoryPanel series={{ host, device }} name={`${device}, ${host}`} />
      )}
      renderSettings={(props) => <DeviceSettings {...props} />}
      renderBatch={(props) => <BatchDrawer {...props} />}
    />
  );
}
