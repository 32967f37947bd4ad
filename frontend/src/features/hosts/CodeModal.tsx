import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CodeOut } from '@/api/generated/types.gen';
import { EnrolmentCode } from './EnrolmentCode';

/** Stays until it is closed by its button: the code is shown this once. */
export function CodeModal({ code, onClose }: { code: CodeOut | null; onClose: () => void }) {
  const { t } = useTranslation(['hosts', 'common']);
  return (
    <Modal
      opened={code !== null}
      onClose={onClose}
      title={t('hosts:code.title', { host: code?.host ?? '' })}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common:close') }}
      closeOnClickOutside={false}
    >
      {code === null ? null : <EnrolmentCode code={code} />}
    </Modal>
  );
}
