import { Drawer, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useHoldWhileEditing } from '@/lib/editing';

interface FormDrawerProps {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  size?: 'lg' | 'xl';
  children: ReactNode;
}

/** Where something is changed: beside the page, which holds still meanwhile. */
export function FormDrawer({ opened, onClose, title, size = 'lg', children }: FormDrawerProps) {
  const { t } = useTranslation();
  useHoldWhileEditing(opened);
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={size}
      title={title}
      closeButtonProps={{ 'aria-label': t('close') }}
      // A click beside the form must not throw away what was typed.
      closeOnClickOutside={false}
    >
      <Stack gap="md">{children}</Stack>
    </Drawer>
  );
}
