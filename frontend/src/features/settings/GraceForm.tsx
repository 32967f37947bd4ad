import { Fieldset, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { FormActions } from '@/components/FormActions';
import { BeforeAfter } from '@/components/LimitChange';
import { Note } from '@/components/Note';
import { ReasonField } from '@/components/ReasonField';
import { SaveProblem } from '@/components/SaveProblem';
import { useFieldErrors } from '@/components/useFieldErrors';
import { useFormat } from '@/i18n/useFormat';
import type { Place } from '@/lib/deviceState';
import { parseGrace } from '@/lib/grace';
import { reasonToSend } from '@/lib/reason';
import { changesOf, type Period, type Periods, periodsToSend, type PeriodTexts, textsOf } from './periods';
import { useSetGracePeriods } from './queries';

type Values = PeriodTexts & { reason: string };

interface GraceFormProps {
  place: Place;
  periods: Period[];
  stands: Periods;
  onClose: () => void;
}

export function GraceForm({ place, periods, stands, onClose }: GraceFormProps) {
  const { t } = useTranslation(['settings', 'limits', 'common']);
  const format = useFormat();
  const { ofAnswer } = useFieldErrors();
  const form = useForm<Values>({
    initialValues: { ...textsOf(stands), reason: '' },
    validateInputOnBlur: true,
    validate: (values) =>
      Object.fromEntries(
        periods.flatMap(({ name }) => {
          const read = parseGrace(values[name]);
          return read.ok ? [] : [[`${name}.days`, t(`settings:grace.error.${read.problem}`)]];
        }),
      ),
  });
  const save = useSetGracePeriods(place, onClose);
  const changes = changesOf(form.values, stands, periods);
  const submit = form.onSubmit((values) => {
    save.mutate(
      { ...periodsToSend(changesOf(values, stands, periods)), ...reasonToSend(values.reason) },
      { onError: (error) => form.setErrors(atDays(ofAnswer(error))) },
    );
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Note tone="info">
          <Text size="sm">{t('settings:grace.when')}</Text>
        </Note>
        {periods.map(({ name, word }, index) => (
          <Fieldset key={name} legend={t(`common:${word}`)}>
            <Group align="flex-start" grow>
              {(['days', 'hours'] as const).map((unit) => (
                <TextInput
                  key={unit}
                  label={t(`settings:grace.${unit}`)}
                  inputMode="decimal"
                  autoComplete="off"
                  data-autofocus={index === 0 && unit === 'days' ? true : undefined}
                  {...form.getInputProps(`${name}.${unit}`)}
                />
              ))}
            </Group>
          </Fieldset>
        ))}
        <ReasonField {...form.getInputProps('reason')} />
        <List listStyleType="none" spacing={4} size="sm" aria-live="polite" aria-label={t('limits:preview')}>
          {changes.map(({ name, before, after }) => (
            <List.Item key={name}>
              {t(`settings:grace.short.${name}`)}{' '}
              <BeforeAfter before={format.duration(before)} after={format.duration(after)} />
            </List.Item>
          ))}
        </List>
        {save.error === null ? null : <SaveProblem error={save.error} />}
        <FormActions
          save={t('settings:grace.save')}
          saving={save.isPending}
          disabled={!form.isDirty()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  );
}

/** The API knows one number where the form has two fields. */
function atDays(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, text]) => [field.endsWith('_grace') ? `${field}.days` : field, text]),
  );
}
