import { useQuery } from '@tanstack/react-query';
import { getHostOptions, listRowsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import type { QuotaType } from '@/lib/deviceState';
import { PAGE_SIZE } from '@/lib/paging';
import type { DeviceUrl } from './url';

/** What narrows the rows down, as the API names it. */
export function rowFilters(host: string, type: QuotaType, { name, q, status, source }: DeviceUrl) {
  return {
    host,
    device: name,
    quota_type: type,
    ...(q === '' ? {} : { q }),
    ...(status === undefined ? {} : { status }),
    ...(source === undefined ? {} : { limits_source: source }),
  };
}

export function useDeviceRows(host: string, type: QuotaType, url: DeviceUrl) {
  const query = { ...rowFilters(host, type, url), sort: url.sort, page: url.page, page_size: PAGE_SIZE };
  return useQuery({ ...listRowsOptions({ query }), ...useLive() });
}

/** How many ids of this type the device lists, whatever is filtered; undefined while nobody needs to know. */
export function useTotal(
  host: string,
  device: string,
  type: QuotaType,
  enabled: boolean,
): number | undefined {
  const query = { host, device, quota_type: type, page_size: 1 };
  return useQuery({ ...listRowsOptions({ query }), enabled }).data?.total;
}

/** What the device can do and how it is, from the page of its host. */
export function useDevice(host: string, name: string) {
  return useQuery({
    ...getHostOptions({ path: { host_id: host } }),
    ...useLive(),
    select: ({ device_list }) => device_list.find((device) => device.name === name) ?? null,
  });
}
