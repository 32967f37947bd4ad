import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useHoldWhileEditing } from '@/lib/editing';
import { type MappingForm, mappingForm } from './forms';
import { useAddMapping, useChoices } from './queries';

interface AddMappingProps {
  opened: boolean;
  onClose: () => void;
}

export function AddMapping({ opened, onClose }: AddMappingProps) {
  const { t } = useTranslation(['mappings', 'common']);
  useHoldWhileEditing(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('mappings:add')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      closeOnClickOutside={false}
    >
      <AddMappingForm onClose={onClose} />
    </Modal>
  );
}

function AddMappingForm({ onClose }: Pick<AddMappingProps, 'onClose'>) {
  const { t } = useTranslation('mappings');
  const { people, hosts, error } = useChoices();
  const add = useAddMapping(onClose);
  const form = useForm<MappingForm>({
    initialValues: { person: '', host: '', username: '' },
    validate: (values) => {
      const issues = mappingForm.safeParse(values).error?.issues ?? [];
      return Object.fromEntries(issues.map(({ path }) => [String(path[0]), t('required')]));
    },
  });
  const submit = form.onSubmit((values) => {
    add.mutate(mappingForm.parse(values), {
      onError: (failure) => {
        for (const { field, expected } of asProblem(failure).faults)
          form.setFieldError(field, t('expected', { expected }));
      },
    });
  });
  const problem = add.error ?? error;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Select
          label={t('field.person')}
          searchable
          data={people.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('person')}
        />
        <Select
          label={t('field.host')}
          searchable
          data={hosts.map(({ id, label }) => ({ value: id, label }))}
          {...form.getInputProps('host')}
        />
        <TextInput label={t('field.username')} autoComplete="off" {...form.getInputProps('username')} />
        {problem === null ? null : <ProblemPanel problem={asProblem(problem)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
