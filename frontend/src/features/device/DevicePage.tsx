import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { HostDeviceOut } from '@/api/generated/types.gen';
import { EmptyState } from '@/components/EmptyState';
import { ImportLink } from '@/components/ImportLink';
import { PageHeader } from '@/components/PageHeader';
import type { Place, QuotaType } from '@/lib/deviceState';
import { hostPath } from '@/lib/paths';
import { useUrlState } from '@/lib/urlState';
import { DeviceHead } from './DeviceHead';
import { DeviceQuotas, type Editors } from './DeviceQuotas';
import { TypeTabs } from './TypeTabs';
import { useDevice } from './queries';
import { deviceUrl, typeOf } from './url';

interface DevicePageProps extends Editors {
  renderHistory: (props: Pick<Place, 'host' | 'device'>) => ReactNode;
  renderDocker: (host: string) => ReactNode;
  renderSettings: (props: { place: Place; capabilities: HostDeviceOut['capabilities'] }) => ReactNode;
}

export function DevicePage({ renderHistory, renderDocker, renderSettings, ...editors }: DevicePageProps) {
  const { t } = useTranslation('device');
  const { host = '' } = useParams();
  const [url, setUrl] = useUrlState(deviceUrl);
  const device = useDevice(host, url.name).data ?? null;
  const types = device?.capabilities.quota_types ?? [];
  const place = { host, device: url.name, type: typeOf(url, types) };
  const crumbs = [
    { label: t('hosts'), to: '/hosts' },
    { label: host, to: hostPath(host) },
  ];
  // What was looked for among users says nothing about groups.
  const changeType = (type: QuotaType) =>
    setUrl({ type, q: '', status: undefined, source: undefined, edit: undefined, page: 1 });

  if (url.name === '') {
    return (
      <Stack gap="lg">
        <PageHeader title={t('no_name.title')} crumbs={crumbs} />
        <EmptyState title={t('no_name.title')} text={t('no_name.text')} />
      </Stack>
    );
  }
  return (
    <Stack gap="lg">
      <PageHeader title={url.name} crumbs={crumbs} subtitle={t('intro', { host })} actions={<ImportLink />} />
      <DeviceHead device={device} />
      {device === null ? null : renderHistory(place)}
      {device?.kind === 'docker' ? renderDocker(host) : null}
      <TypeTabs types={types} type={place.type} onChange={changeType}>
        <Stack gap="lg" key={`${place.device} ${place.type}`}>
          {device === null ? null : renderSettings({ place, capabilities: device.capabilities })}
          <DeviceQuotas place={place} device={device} url={url} setUrl={setUrl} {...editors} />
        </Stack>
      </TypeTabs>
    </Stack>
  );
}
