import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/components/PageHeader';
import { useUrlState } from '@/lib/urlState';
import { EnforcementLog } from './EnforcementLog';
import { ReviewQueue } from './ReviewQueue';
import { EMPTY, fleetUrl, VIEWS } from './url';

/** Docker on all hosts: whose things are to be decided, and what enforcement did. */
export function DockerPage() {
  const { t } = useTranslation('docker');
  const [{ view }, setUrl] = useUrlState(fleetUrl);
  return (
    <Stack gap="lg">
      <PageHeader title={t('fleet.title')} subtitle={t('fleet.intro')} />
      <Tabs
        value={view}
        onChange={(value) => setUrl({ ...EMPTY, view: VIEWS.find((each) => each === value) })}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('fleet.views')}>
          {VIEWS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`fleet.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="review" pt="md">
          <ReviewQueue />
        </Tabs.Panel>
        <Tabs.Panel value="events" pt="md">
          <EnforcementLog />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
