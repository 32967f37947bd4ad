import { Textarea, type TextareaProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** As long as the master takes it. */
const LONGEST_REASON = 1000;

/** Why something is changed, for the audit trail. */
export function ReasonField(props: TextareaProps) {
  const { t } = useTranslation('limits');
  return (
    <Textarea
      label={t('reason')}
      description={t('reason_hint')}
      rows={2}
      maxLength={LONGEST_REASON}
      {...props}
    />
  );
}
