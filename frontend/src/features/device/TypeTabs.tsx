import { Tabs } from '@mantine/core';
import { type Icon, IconFolders, IconUser, IconUsersGroup } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { QuotaType } from '@/lib/deviceState';

const ICONS: Record<QuotaType, Icon> = { user: IconUser, group: IconUsersGroup, project: IconFolders };

interface TypeTabsProps {
  types: readonly QuotaType[];
  type: QuotaType;
  onChange: (type: QuotaType) => void;
  children: ReactNode;
}

/** One tab for each quota type of a device; none where there is no choice. */
export function TypeTabs({ types, type, onChange, children }: TypeTabsProps) {
  const { t } = useTranslation('device');
  if (types.length < 2) return children;
  const choose = (value: string | null) => {
    const chosen = types.find((each) => each === value);
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <Tabs value={type} onChange={choose} keepMounted={false}>
      <Tabs.List aria-label={t('tabs.label')}>
        {types.map((each) => {
          const Symbol = ICONS[each];
          return (
            <Tabs.Tab key={each} value={each} leftSection={<Symbol size={16} aria-hidden />}>
              {t(`tabs.${each}`)}
            </Tabs.Tab>
          );
        })}
      </Tabs.List>
      <Tabs.Panel value={type} pt="lg">
        {children}
      </Tabs.Panel>
    </Tabs>
  );
}
