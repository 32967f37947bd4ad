import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import type { ListedToken } from './model';
import { useRevokeToken } from './queries';

interface RevokeTokenProps {
  token: ListedToken | null;
  onClose: () => void;
}

/** Asks once more: whatever uses the token stops working at once. */
export function RevokeToken({ token, onClose }: RevokeTokenProps) {
  const { t } = useTranslation(['tokens', 'common']);
  const revoke = useRevokeToken(onClose);
  return (
    <Modal
      opened={token !== null}
      onClose={onClose}
      title={t('tokens:revoke_title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {token === null ? null : (
        <Stack gap="md">
          <Text style={{ overflowWrap: 'anywhere' }}>{t('tokens:revoke_text', { name: token.name })}</Text>
          {revoke.error === null ? null : <ProblemPanel problem={asProblem(revoke.error)} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('tokens:cancel')}
            </Button>
            <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate(token)}>
              {t('tokens:revoke_short')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
