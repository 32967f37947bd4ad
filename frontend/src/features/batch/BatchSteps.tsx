import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFieldErrors } from '@/components/useFieldErrors';
import type { Place } from '@/lib/deviceState';
import { type Capabilities, type Field, fieldsOf, type LimitName } from '@/lib/limits';
import { reasonToSend } from '@/lib/reason';
import { BatchForm } from './BatchForm';
import { BatchPreview } from './BatchPreview';
import { BatchResults } from './BatchResults';
import { type BatchValues, limitsOf, UNTOUCHED } from './model';
import { type BatchChange, useApply, useForesee } from './queries';

interface BatchStepsProps {
  place: Place;
  capabilities: Capabilities;
  selection: ReadonlySet<number> | 'all';
  onClose: () => void;
}

/** One step after the other; from the preview one can go back, and what was typed is still there. */
export function BatchSteps({ place, capabilities, selection, onClose }: BatchStepsProps) {
  const { t } = useTranslation('batch');
  const { ofAnswer } = useFieldErrors();
  const fields = fieldsOf(capabilities);
  const form = useForm<BatchValues>({ initialValues: UNTOUCHED, validate: useValidation(fields) });
  const [change, setChange] = useState<BatchChange | null>(null);
  const [isConfirmed, setConfirmed] = useState(false);
  const foresee = useForesee(place, selection);
  const { results, changeSet, apply } = useApply(place, change);

  const preview = form.onSubmit((values) => {
    const wanted = { limits: limitsOf(values, fields), ...reasonToSend(values.reason) };
    setChange(wanted);
    foresee.mutate(wanted, { onError: (error) => form.setErrors(atTexts(ofAnswer(error))) });
  });
  if (foresee.data === undefined || change === null) {
    return (
      <>
        {selection === 'all' ? <Text size="sm">{t('all_hint')}</Text> : null}
        <BatchForm
          form={form}
          fields={fields}
          capabilities={capabilities}
          pending={foresee.isPending}
          error={foresee.error}
          onSubmit={preview}
          onCancel={onClose}
        />
      </>
    );
  }
  const shown = { foreseen: foresee.data, limits: change.limits };
  const begin = (ids: number[]) => {
    setConfirmed(true);
    apply.mutate(ids);
  };
  return isConfirmed ? (
    <BatchResults
      {...shown}
      place={place}
      results={results}
      changeSet={changeSet}
      apply={apply}
      onRetry={begin}
      onClose={onClose}
    />
  ) : (
    <BatchPreview {...shown} onBack={foresee.reset} onApply={begin} />
  );
}

function useValidation(fields: Field[]) {
  const { t } = useTranslation('batch');
  const { ofTexts } = useFieldErrors();
  return ({ mode, text }: BatchValues) => {
    const isSet = ({ name }: { name: LimitName }) => mode[name] === 'set';
    const wrong = ofTexts(text, fields.filter(isSet));
    const empty = fields
      .filter((field) => isSet(field) && text[field.name].trim() === '')
      .map(({ name }): [string, string] => [`text.${name}`, t('error.empty')]);
    return {
      ...atTexts(wrong),
      ...Object.fromEntries(empty),
    };
  };
}

/** The form keeps its texts apart from what is to become of each limit. */
function atTexts(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).map(([name, error]) => [`text.${name}`, error]));
}
