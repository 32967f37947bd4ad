import { Checkbox, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { FormActions } from '@/components/FormActions';
import { LimitFields } from '@/components/LimitFields';
import { ReasonField } from '@/components/ReasonField';
import { SaveProblem } from '@/components/SaveProblem';
import { useFieldErrors } from '@/components/useFieldErrors';
import {
  type Capabilities,
  changesOf,
  fieldsOf,
  isBelow,
  type LimitTexts,
  limitsToSend,
  textsOf,
} from '@/lib/limits';
import { reasonToSend } from '@/lib/reason';
import { Preview } from './Preview';
import { useSetLimits } from './queries';

type Values = LimitTexts & { reason: string; confirmed: boolean };

interface LimitsFormProps {
  row: QuotaRow;
  capabilities: Capabilities;
  onClose: () => void;
}

export function LimitsForm({ row, capabilities, onClose }: LimitsFormProps) {
  const { t } = useTranslation('limits');
  const errors = useFieldErrors();
  const fields = fieldsOf(capabilities);
  const isAnyBelow = (values: Values) =>
    changesOf(values, row, fields).some(({ name, after }) => isBelow(row, name, after));
  const form = useForm<Values>({
    initialValues: { ...textsOf(row), reason: '', confirmed: false },
    validateInputOnBlur: true,
    validate: (values) => ({
      ...errors.ofTexts(values, fields),
      ...(isAnyBelow(values) && !values.confirmed ? { confirmed: t('error.unconfirmed') } : {}),
    }),
  });
  const save = useSetLimits(row, onClose);

  const submit = form.onSubmit((values) => {
    const limits = limitsToSend(changesOf(values, row, fields));
    save.mutate(
      { ...limits, ...reasonToSend(values.reason) },
      { onError: (error) => form.setErrors(errors.ofAnswer(error)) },
    );
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <LimitFields inputProps={(name) => form.getInputProps(name)} capabilities={capabilities} />
        <ReasonField {...form.getInputProps('reason')} />
        <Preview changes={changesOf(form.values, row, fields)} row={row} name={row.name} />
        {isAnyBelow(form.values) ? (
          <Checkbox label={t('confirm')} {...form.getInputProps('confirmed', { type: 'checkbox' })} />
        ) : null}
        {save.error === null ? null : <SaveProblem error={save.error} />}
        <FormActions save={t('save')} saving={save.isPending} disabled={!form.isDirty()} onCancel={onClose} />
      </Stack>
    </form>
  );
}
