import { DeviceOutlook } from '@/features/history/DeviceOutlook';
import { HostPage } from '@/features/hosts/HostPage';

/** Features do not know each other: here the devices of a host get their outlook. */
export function HostRoute() {
  return <HostPage renderOutlook={(host, device) => <DeviceOutlook host={host} device={device} />} />;
}
