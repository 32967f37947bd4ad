import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { CapabilitiesOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { hostPath } from '@/lib/paths';
import { useUrlState } from '@/lib/urlState';
import { DeviceHead } from './DeviceHead';
import { DeviceRows } from './DeviceRows';
import { RowFilters } from './RowFilters';
import { useDevice, useDeviceRows } from './queries';
import { deviceUrl, isEdited } from './url';

interface EditorProps {
  row: QuotaRow | null;
  capabilities: CapabilitiesOut;
  onClose: () => void;
}

interface DevicePageProps {
  /** The editor is a feature of its own, put in here by the router. */
  renderEditor: (props: EditorProps) => ReactNode;
}

export function DevicePage({ renderEditor }: DevicePageProps) {
  const { t } = useTranslation('device');
  const { host = '' } = useParams();
  const [url, setUrl] = useUrlState(deviceUrl);
  const rows = useDeviceRows(host, url);
  const device = useDevice(host, url.name);
  const close = () => setUrl({ edit: undefined });
  const edited = rows.data?.items.find((row) => isEdited(row, url)) ?? null;
  const capabilities = device.data?.capabilities;
  const crumbs = [
    { label: t('hosts'), to: '/hosts' },
    { label: host, to: hostPath(host) },
  ];

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
      <PageHeader title={url.name} crumbs={crumbs} subtitle={t('intro', { host })} />
      <DeviceHead device={device.data ?? null} />
      <RowFilters url={url} setUrl={setUrl} />
      <DeviceRows query={rows} url={url} setUrl={setUrl} canEdit={capabilities !== undefined} />
      {capabilities === undefined ? null : renderEditor({ row: edited, capabilities, onClose: close })}
    </Stack>
  );
}
