import { DevicePage } from '@/features/device/DevicePage';
import { LimitsDrawer } from '@/features/limits/LimitsDrawer';

/** Features do not know each other: here the table of a device gets its editors. */
export function DeviceRoute() {
  return (
    <DevicePage
      renderEditor={(props) => <LimitsDrawer {...props} />}
      renderSettings={() => null}
      renderBatch={() => null}
    />
  );
}
