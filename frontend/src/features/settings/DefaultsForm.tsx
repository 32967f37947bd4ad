import { List, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { FormActions } from '@/components/FormActions';
import { LimitChange } from '@/components/LimitChange';
import { LimitFields } from '@/components/LimitFields';
import { Note } from '@/components/Note';
import { ReasonField } from '@/components/ReasonField';
import { SaveProblem } from '@/components/SaveProblem';
import { useFieldErrors } from '@/components/useFieldErrors';
import type { Place } from '@/lib/deviceState';
import {
  type Capabilities,
  changesOf,
  fieldsOf,
  type Limits,
  type LimitTexts,
  limitsToSend,
  textsOf,
} from '@/lib/limits';
import { reasonToSend } from '@/lib/reason';
import { useSetDefaultLimits } from './queries';

type Values = LimitTexts & { reason: string };

interface DefaultsFormProps {
  place: Place;
  capabilities: Capabilities;
  stands: Limits;
  onClose: () => void;
}

export function DefaultsForm({ place, capabilities, stands, onClose }: DefaultsFormProps) {
  const { t } = useTranslation(['settings', 'limits']);
  const errors = useFieldErrors();
  const fields = fieldsOf(capabilities);
  const form = useForm<Values>({
    initialValues: { ...textsOf(stands), reason: '' },
    validateInputOnBlur: true,
    validate: (values) => errors.ofTexts(values, fields),
  });
  const save = useSetDefaultLimits(place, onClose);
  const changes = changesOf(form.values, stands, fields);
  const submit = form.onSubmit((values) =>
    save.mutate(
      { ...limitsToSend(changesOf(values, stands, fields)), ...reasonToSend(values.reason) },
      { onError: (error) => form.setErrors(errors.ofAnswer(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Note tone="info">
          <Text size="sm">{t(`settings:defaults.when.${place.type}`)}</Text>
        </Note>
        <LimitFields inputProps={(name) => form.getInputProps(name)} capabilities={capabilities} />
        <ReasonField {...form.getInputProps('reason')} />
        {changes.length === 0 ? null : (
          <List listStyleType="none" spacing={4} size="sm" aria-label={t('limits:preview')}>
            {changes.map((change) => (
              <List.Item key={change.name}>
                {t(`limits:short.${change.name}`)} <LimitChange {...change} />
              </List.Item>
            ))}
          </List>
        )}
        {save.error === null ? null : <SaveProblem error={save.error} />}
        <FormActions
          save={t('settings:defaults.save')}
          saving={save.isPending}
          disabled={!form.isDirty()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  );
}
