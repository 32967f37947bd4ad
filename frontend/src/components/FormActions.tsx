import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface FormActionsProps {
  save: string;
  saving: boolean;
  disabled: boolean;
  onCancel: () => void;
}

/** How every form ends: leave it, or send it. */
export function FormActions({ save, saving, disabled, onCancel }: FormActionsProps) {
  const { t } = useTranslation('limits');
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {t('cancel')}
      </Button>
      <Button type="submit" loading={saving} disabled={disabled}>
        {save}
      </Button>
    </Group>
  );
}
