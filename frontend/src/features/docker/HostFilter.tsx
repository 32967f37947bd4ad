import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDockerHosts } from './queries';

interface HostFilterProps {
  host: string;
  /** '' is any host. */
  onChange: (host: string) => void;
}

/** One of the hosts that have Docker. */
export function HostFilter({ host, onChange }: HostFilterProps) {
  const { t } = useTranslation('docker');
  const hosts = useDockerHosts().data ?? [];
  return (
    <Select
      label={t('fleet.host')}
      w="11rem"
      placeholder={t('fleet.any')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('fleet.clear_one', { name: t('fleet.host') }) }}
      nothingFoundMessage={t('fleet.no_such')}
      data={[...new Set([...hosts, ...(host === '' ? [] : [host])])]}
      value={host === '' ? null : host}
      onChange={(value) => onChange(value ?? '')}
    />
  );
}
