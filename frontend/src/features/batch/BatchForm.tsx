import { Fieldset, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { SubmitEventHandler } from 'react';
import { useTranslation } from 'react-i18next';
import { FormActions } from '@/components/FormActions';
import { CapabilityNotes } from '@/components/LimitFields';
import { ReasonField } from '@/components/ReasonField';
import { SaveProblem } from '@/components/SaveProblem';
import type { Capabilities, Field } from '@/lib/limits';
import { type BatchValues, MODES } from './model';

interface BatchFormProps {
  form: UseFormReturnType<BatchValues>;
  fields: Field[];
  capabilities: Capabilities;
  pending: boolean;
  error: unknown;
  onSubmit: SubmitEventHandler<HTMLFormElement>;
  onCancel: () => void;
}

/** Which limits all of them get; those that are not touched stay as each of them has them. */
export function BatchForm(props: BatchFormProps) {
  const { form, fields, capabilities, pending, error, onSubmit, onCancel } = props;
  const { t } = useTranslation(['batch', 'limits']);
  const isTouched = fields.some(({ name }) => form.values.mode[name] !== 'keep');
  const resources = (['block', 'inode'] as const).filter((each) =>
    fields.some(({ resource }) => resource === each),
  );
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="lg">
        {resources.map((resource) => (
          <Fieldset
            key={resource}
            legend={t(resource === 'block' ? 'limits:space_legend' : 'limits:files_legend')}
          >
            <Stack gap="sm">
              {fields
                .filter((field) => field.resource === resource)
                .map((field) => (
                  <LimitChoice key={field.name} field={field} form={form} />
                ))}
            </Stack>
          </Fieldset>
        ))}
        <CapabilityNotes capabilities={capabilities} />
        <ReasonField {...form.getInputProps('reason')} />
        {error === null ? null : <SaveProblem error={error} />}
        <FormActions save={t('batch:preview')} saving={pending} disabled={!isTouched} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

function LimitChoice({ field: { name, resource }, form }: { field: Field } & Pick<BatchFormProps, 'form'>) {
  const { t } = useTranslation(['batch', 'limits']);
  const limit = t(`limits:field.${name}`);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <NativeSelect
        label={limit}
        data={MODES.map((mode) => ({ value: mode, label: t(`batch:mode.${mode}`) }))}
        {...form.getInputProps(`mode.${name}`)}
      />
      {form.values.mode[name] === 'set' ? (
        <TextInput
          label={t('batch:value', { limit })}
          inputMode={resource === 'block' ? 'decimal' : 'numeric'}
          autoComplete="off"
          {...form.getInputProps(`text.${name}`)}
        />
      ) : null}
    </SimpleGrid>
  );
}
