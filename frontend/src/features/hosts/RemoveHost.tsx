import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useRemoveHost } from './admin';

interface RemoveHostProps {
  host: string;
  opened: boolean;
  onClose: () => void;
}

/** Asks once more, and says what goes and what stays. */
export function RemoveHost({ host, opened, onClose }: RemoveHostProps) {
  const { t } = useTranslation(['hosts', 'common']);
  const navigate = useNavigate();
  const remove = useRemoveHost(host, () => void navigate('/hosts'));
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('hosts:remove.title', { host })}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="md">
        <Text>{t('hosts:remove.text')}</Text>
        {remove.error === null ? null : <ProblemPanel problem={asProblem(remove.error)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('hosts:add.cancel')}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('hosts:remove.do')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
