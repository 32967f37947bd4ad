import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';

interface Notice {
  title?: string;
  message: string;
}

const SHOWN_MS = 10_000;

/** Says in passing that something was done; it goes by itself, or by its button. */
export function useNotify() {
  const { t } = useTranslation();
  return (notice: Notice) =>
    notifications.show({
      ...notice,
      color: 'green',
      autoClose: SHOWN_MS,
      closeButtonProps: { 'aria-label': t('close') },
    });
}
