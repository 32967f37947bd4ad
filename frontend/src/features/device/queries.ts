import { useQuery } from '@tanstack/react-query';
import { getHostOptions, listRowsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import { PAGE_SIZE } from '@/lib/paging';
import type { DeviceUrl } from './url';

export function useDeviceRows(host: string, { name, q, status, sort, page }: DeviceUrl) {
  const filters = { ...(q === '' ? {} : { q }), ...(status === undefined ? {} : { status }) };
  const query = { host, device: name, sort, page, page_size: PAGE_SIZE, ...filters };
  return useQuery({ ...listRowsOptions({ query }), ...useLive(), enabled: name !== '' });
}

/** What the device can do and how it is, from the page of its host. */
export function useDevice(host: string, name: string) {
  return useQuery({
    ...getHostOptions({ path: { host_id: host } }),
    ...useLive(),
    select: ({ device_list }) => device_list.find((device) => device.name === name) ?? null,
  });
}
