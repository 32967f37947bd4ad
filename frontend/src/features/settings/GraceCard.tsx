import { useTranslation } from 'react-i18next';
import { Terms } from '@/components/Terms';
import { useFormat } from '@/i18n/useFormat';
import type { SettingProps } from './DeviceSettings';
import { GraceForm } from './GraceForm';
import { useGracePeriods } from './queries';
import { SettingPanel } from './SettingPanel';
import { periodsOf } from './periods';

/** How long somebody may stay above a soft limit on this device. */
export function GraceCard({ place, capabilities, ...panel }: SettingProps) {
  const { t } = useTranslation(['settings', 'common']);
  const format = useFormat();
  const periods = periodsOf(capabilities);
  return (
    <SettingPanel
      {...panel}
      title={t('settings:grace.title')}
      formTitle={t(`settings:grace.form.${place.type}`, { device: place.device })}
      query={useGracePeriods(place)}
      summary={(stands) => (
        <Terms
          items={periods.map(({ name, word }) => ({
            name: t(`common:${word}`),
            value: format.duration(stands[name]),
          }))}
        />
      )}
      form={(stands) => <GraceForm place={place} periods={periods} stands={stands} onClose={panel.onClose} />}
    />
  );
}
