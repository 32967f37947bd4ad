import { Button, Checkbox, Group, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import type { QuotaRow } from '@/api/rows';
import { LimitFields } from './LimitFields';
import {
  type Capabilities,
  changesOf,
  fieldsOf,
  formOf,
  type LimitsForm as Values,
  problemsOf,
} from './model';
import { Preview } from './Preview';
import { SaveProblem } from './SaveProblem';
import { useSetLimits } from './queries';

interface LimitsFormProps {
  row: QuotaRow;
  capabilities: Capabilities;
  onClose: () => void;
}

export function LimitsForm({ row, capabilities, onClose }: LimitsFormProps) {
  const { t } = useTranslation('limits');
  const fields = fieldsOf(capabilities);
  const form = useForm<Values>({
    initialValues: formOf(row),
    validateInputOnBlur: true,
    validate: (values) => {
      const problems = Object.entries(problemsOf(values, fields)).map(([name, problem]): [string, string] => [
        name,
        t(`error.${problem}`),
      ]);
      const mustConfirm = changesOf(values, row, fields).some(({ below }) => below) && !values.confirmed;
      return {
        ...Object.fromEntries(problems),
        ...(mustConfirm ? { confirmed: t('error.unconfirmed') } : {}),
      };
    },
  });
  const save = useSetLimits(row, onClose);
  const changes = changesOf(form.values, row, fields);

  const submit = form.onSubmit((values) => {
    const limits = Object.fromEntries(changesOf(values, row, fields).map(({ name, after }) => [name, after]));
    save.mutate(
      { ...limits, ...(values.reason.trim() === '' ? {} : { reason: values.reason.trim() }) },
      {
        onError: (error) => {
          for (const { field, expected } of asProblem(error).faults) {
            form.setFieldError(field, t('error.expected', { expected }));
          }
        },
      },
    );
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <LimitFields form={form} capabilities={capabilities} />
        <Textarea
          label={t('reason')}
          description={t('reason_hint')}

          rows={2}
          {...form.getInputProps('reason')}
        />
        <Preview changes={changes} row={row} name={row.name} />
        {changes.some(({ below }) => below) ? (
          <Checkbox label={t('confirm')} {...form.getInputProps('confirmed', { type: 'checkbox' })} />
        ) : null}
        {save.error === null ? null : <SaveProblem error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
