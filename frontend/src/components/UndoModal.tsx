import { Button, Checkbox, Group, List, Modal, Stack, Text } from '@mantine/core';
import { type SubmitEventHandler, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { useHoldWhileEditing } from '@/lib/editing';
import { reasonToSend } from '@/lib/reason';
import { Note } from './Note';
import { ReasonField } from './ReasonField';
import { SaveProblem } from './SaveProblem';

export interface UndoWish {
  reason?: string;
  force?: boolean;
}

interface UndoModalProps {
  opened: boolean;
  /** One change, named; or a whole set, of which single quotas may have been changed since. */
  target: string | null;
  pending: boolean;
  error: unknown;
  onUndo: (wish: UndoWish) => void;
  onClose: () => void;
}

/** Asks once more and why; where somebody else was at it since, says what stands now and asks again. */
export function UndoModal({ opened, onClose, ...rest }: UndoModalProps) {
  const { t } = useTranslation(['undo', 'common']);
  useHoldWhileEditing(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={rest.target === null ? t('undo:title_all') : t('undo:title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      closeOnClickOutside={false}
    >
      <UndoForm {...rest} onClose={onClose} />
    </Modal>
  );
}

function UndoForm({ target, pending, error, onUndo, onClose }: Omit<UndoModalProps, 'opened'>) {
  const { t } = useTranslation('undo');
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const problem = error === null ? null : asProblem(error);
  const isStale = problem?.code === 'stale_update';
  const submit: SubmitEventHandler = (event) => {
    event.preventDefault();
    onUndo({ ...reasonToSend(reason), ...(force ? { force } : {}) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text>{target === null ? t('text_all') : t('text', { target })}</Text>
        <ReasonField value={reason} onChange={({ currentTarget }) => setReason(currentTarget.value)} />
        {isStale ? (
          <Note tone="warning" role="alert" title={t('changed_since')}>
            <List size="sm">
              {problem.faults.map((fault) => (
                <List.Item key={fault.field}>{t('stands', { ...fault })}</List.Item>
              ))}
            </List>
          </Note>
        ) : error === null ? null : (
          <SaveProblem error={error} />
        )}
        {isStale || target === null ? (
          <Checkbox
            label={target === null ? t('force_all') : t('force')}
            checked={force}
            onChange={({ currentTarget }) => setForce(currentTarget.checked)}
          />
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={pending} disabled={isStale && !force}>
            {t('confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
