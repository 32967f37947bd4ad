import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MappingOut } from '@/api/generated/types.gen';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useRemoveMapping } from './queries';

interface RemoveMappingProps {
  mapping: MappingOut | null;
  onClose: () => void;
}

/** Asks once more, and says what the removal means for the person. */
export function RemoveMapping({ mapping, onClose }: RemoveMappingProps) {
  const { t } = useTranslation(['mappings', 'common']);
  const remove = useRemoveMapping(onClose);
  return (
    <Modal
      opened={mapping !== null}
      onClose={onClose}
      title={t('mappings:remove_title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {mapping === null ? null : (
        <Stack gap="md">
          <Text>
            {t('mappings:remove_text', {
              person: mapping.person.name,
              username: mapping.username,
              host: mapping.host,
            })}
          </Text>
          {remove.error === null ? null : <ProblemPanel problem={asProblem(remove.error)} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('mappings:cancel')}
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(mapping)}>
              {t('mappings:remove_short')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
