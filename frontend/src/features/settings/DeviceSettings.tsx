import { SimpleGrid } from '@mantine/core';
import type { Place } from '@/lib/deviceState';
import { type Capabilities } from '@/lib/limits';
import { useUrlState } from '@/lib/urlState';
import { DefaultsCard } from './DefaultsCard';
import { GraceCard } from './GraceCard';
import { settingsUrl } from './url';

export interface SettingProps {
  place: Place;
  capabilities: Capabilities & { grace_periods: boolean };
  /** Is its form open? */
  opened: boolean;
  onOpen: () => void;
  onClose: () => void;
}

/** What holds for all quotas of one type on a device. */
export function DeviceSettings({ place, capabilities }: Pick<SettingProps, 'place' | 'capabilities'>) {
  const [{ panel }, setUrl] = useUrlState(settingsUrl);
  const propsOf = (name: 'grace' | 'defaults') => ({
    place,
    capabilities,
    opened: panel === name,
    onOpen: () => setUrl({ panel: name }),
    onClose: () => setUrl({ panel: undefined }),
  });
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <DefaultsCard {...propsOf('defaults')} />
      {capabilities.grace_periods ? <GraceCard {...propsOf('grace')} /> : null}
    </SimpleGrid>
  );
}
