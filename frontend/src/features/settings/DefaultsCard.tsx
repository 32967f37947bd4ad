import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LimitText } from '@/components/LimitText';
import { Terms } from '@/components/Terms';
import { fieldsOf } from '@/lib/limits';
import { DefaultsForm } from './DefaultsForm';
import type { SettingProps } from './DeviceSettings';
import { useDefaultLimits } from './queries';
import { SettingPanel } from './SettingPanel';

/** What somebody without limits of their own gets on this device. */
export function DefaultsCard({ place, capabilities, ...panel }: SettingProps) {
  const { t } = useTranslation(['settings', 'limits']);
  const fields = fieldsOf(capabilities);
  return (
    <SettingPanel
      {...panel}
      title={t('settings:defaults.title')}
      formTitle={t(`settings:defaults.form.${place.type}`, { device: place.device })}
      query={useDefaultLimits(place)}
      isEmpty={(stands) => fields.every(({ name }) => stands[name] === 0)}
      empty={<Text size="sm">{t(`settings:defaults.none.${place.type}`)}</Text>}
      summary={(stands) => (
        <Terms
          items={fields.map(({ name, resource }) => ({
            name: t(`limits:short.${name}`),
            value: <LimitText resource={resource} limit={stands[name]} />,
          }))}
        />
      )}
      form={(stands) => (
        <DefaultsForm place={place} capabilities={capabilities} stands={stands} onClose={panel.onClose} />
      )}
    />
  );
}
