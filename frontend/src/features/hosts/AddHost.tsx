import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { CodeOut } from '@/api/generated/types.gen';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useHoldWhileEditing } from '@/lib/editing';
import { useAddHost } from './admin';
import { type HostForm, hostForm } from './forms';

const EXAMPLE_URL = 'http://lab7:8437';

interface AddHostProps {
  opened: boolean;
  onClose: () => void;
  onAdded: (code: CodeOut) => void;
}

export function AddHost({ opened, onClose, onAdded }: AddHostProps) {
  const { t } = useTranslation(['hosts', 'common']);
  useHoldWhileEditing(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('hosts:add.title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      closeOnClickOutside={false}
    >
      <AddHostForm onClose={onClose} onAdded={onAdded} />
    </Modal>
  );
}

function AddHostForm({ onClose, onAdded }: Omit<AddHostProps, 'opened'>) {
  const { t } = useTranslation('hosts');
  const add = useAddHost();
  const form = useForm<HostForm>({
    initialValues: { id: '', label: '', url: '', ca_file: '' },
    validate: (values) => {
      const issues = hostForm.safeParse(values).error?.issues ?? [];
      return Object.fromEntries(issues.map(({ path: [field] }) => [String(field), t(wrong(String(field)))]));
    },
  });
  const submit = form.onSubmit((values) => {
    add.mutate(hostForm.parse(values), {
      onSuccess: onAdded,
      onError: (failure) => {
        for (const { field, expected } of asProblem(failure).faults)
          form.setFieldError(field, t('add.expected', { expected }));
      },
    });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('add.id')}
          description={t('add.id_hint')}
          autoComplete="off"
          {...form.getInputProps('id')}
        />
        <TextInput label={t('add.label')} autoComplete="off" {...form.getInputProps('label')} />
        <TextInput
          label={t('add.url')}
          description={t('add.url_hint')}
          placeholder={EXAMPLE_URL}
          autoComplete="off"
          {...form.getInputProps('url')}
        />
        <TextInput
          label={t('add.ca_file')}
          description={t('add.ca_file_hint')}
          autoComplete="off"
          {...form.getInputProps('ca_file')}
        />
        {add.error === null ? null : <ProblemPanel problem={asProblem(add.error)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('add.cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('add.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function wrong(field: string): 'add.wrong_id' | 'add.wrong_url' | 'add.too_long' {
  if (field === 'id') return 'add.wrong_id';
  return field === 'url' ? 'add.wrong_url' : 'add.too_long';
}
