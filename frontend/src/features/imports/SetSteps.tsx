import { Anchor, Button, Checkbox, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconRefresh } from '@tabler/icons-react';
import { type SubmitEventHandler, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ChangeSetOut } from '@/api/generated/types.gen';
import { Note } from '@/components/Note';
import { ReasonField } from '@/components/ReasonField';
import { SaveProblem } from '@/components/SaveProblem';
import { UndoModal } from '@/components/UndoModal';
import { useFormat } from '@/i18n/useFormat';
import { useHoldWhileEditing } from '@/lib/editing';
import { reasonToSend } from '@/lib/reason';
import { SetState } from './columns';
import { Counts } from './Counts';
import { useCancel, useRetry, useRun, useUndoSet } from './queries';

/** What can be done with it now: carry it out, watch it, or undo it. */
export function SetSteps({ change }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  return (
    <Paper component="section" aria-label={t(`kind.${change.kind}`)} withBorder p="md">
      {change.state === 'draft' ? (
        <RunForm change={change} />
      ) : change.state === 'running' ? (
        <Underway change={change} />
      ) : (
        <Ended change={change} />
      )}
    </Paper>
  );
}

function RunForm({ change: { id, counts } }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  const format = useFormat();
  const [reason, setReason] = useState('');
  const [isConfirmed, setConfirmed] = useState(false);
  const run = useRun(id);
  useHoldWhileEditing(reason !== '');
  const counted = (count: number) => ({ count, formatted: format.count(count) });
  const submit: SubmitEventHandler = (event) => {
    event.preventDefault();
    run.mutate(reasonToSend(reason));
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text fw={600} role="status">
          {t('foreseen', counted(counts.waiting))}
        </Text>
        {counts.wrong === 0 ? null : (
          <Note tone="problem" role="status" compact>
            {t('left_out', counted(counts.wrong))}
          </Note>
        )}
        {counts.below_usage === 0 ? null : (
          <Note tone="warning" role="status" title={t('below', counted(counts.below_usage))}>
            <Checkbox
              label={t('confirm_below')}
              checked={isConfirmed}
              onChange={({ currentTarget }) => setConfirmed(currentTarget.checked)}
            />
          </Note>
        )}
        <ReasonField value={reason} onChange={({ currentTarget }) => setReason(currentTarget.value)} />
        {run.error === null ? null : <SaveProblem error={run.error} />}
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={run.isPending}
            disabled={counts.waiting === 0 || (counts.below_usage > 0 && !isConfirmed)}
          >
            {t('run', counted(counts.waiting))}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Underway({ change: { id, counts } }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  const format = useFormat();
  const cancel = useCancel(id);
  const total = counts.total - counts.wrong;
  const over = total - counts.waiting;
  return (
    <Stack gap="sm">
      <Text role="status">{t('underway', { done: format.count(over), total: format.count(total) })}</Text>
      <Progress value={(over / Math.max(1, total)) * 100} animated aria-label={t('progress')} />
      <Counts counts={counts} />
      {cancel.error === null ? null : <SaveProblem error={cancel.error} />}
      <Group justify="flex-end">
        <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}

function Ended({ change }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  const format = useFormat();
  const [isOpen, setOpen] = useState(false);
  const undo = useUndoSet(change.id);
  const retry = useRetry(change.id);
  const close = () => {
    setOpen(false);
    undo.reset();
  };
  const { total, done, failed, unknown, cancelled } = change.counts;
  const hasChanged = total === 0 || done + unknown > 0;
  const left = failed + unknown + cancelled;
  return (
    <Stack gap="sm" align="flex-start">
      <SetState {...change} />
      {total === 0 ? null : (
        <div role="status">
          <Counts counts={change.counts} />
        </div>
      )}
      <Anchor component={Link} to={`/audit?change_set=${change.id}`} size="sm">
        {t('audit')}
      </Anchor>
      {retry.error === null ? null : <SaveProblem error={retry.error} />}
      <Group gap="xs">
        {left === 0 ? null : (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={retry.isPending}
            onClick={() => retry.mutate()}
          >
            {t('retry', { count: left, formatted: format.count(left) })}
          </Button>
        )}
        {hasChanged ? (
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            onClick={() => setOpen(true)}
          >
            {t('undo_all')}
          </Button>
        ) : null}
      </Group>
      <UndoModal
        opened={isOpen}
        target={null}
        pending={undo.isPending}
        error={undo.error}
        onUndo={(wish) => undo.mutate(wish, { onSuccess: close })}
        onClose={close}
      />
    </Stack>
  );
}
