import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { StandstillOut } from '@/api/generated/types.gen';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';

/** That no host is read, which is not the fault of any of them, and where to look. */
export function Standstill({ standstill: { reason, since } }: { standstill: StandstillOut }) {
  const { t } = useTranslation('hosts');
  const format = useFormat();
  return (
    <Note
      tone="problem"
      role="status"
      icon={IconPlugConnectedX}
      title={t('standstill.title', { when: format.instant(since) })}
    >
      {t(`standstill.${reason}`)}
    </Note>
  );
}
