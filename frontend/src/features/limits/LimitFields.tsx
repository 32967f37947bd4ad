import { Fieldset, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Resource } from '@/lib/quota';
import { type Capabilities, fieldsOf, type LimitsForm } from './model';

interface LimitFieldsProps {
  form: UseFormReturnType<LimitsForm>;
  capabilities: Capabilities;
}

/** The fields that this device has, and a word about those that it has not. */
export function LimitFields({ form, capabilities }: LimitFieldsProps) {
  const { t } = useTranslation('limits');
  const { soft_limits, inode_limits, enforced_by_kernel } = capabilities;
  const notes = [
    ...(soft_limits ? [] : [t('no_soft')]),
    ...(inode_limits ? [] : [t('no_inode')]),
    ...(enforced_by_kernel ? [] : [t('not_enforced')]),
  ];
  return (
    <Stack gap="md">
      <FieldGroup resource="block" form={form} capabilities={capabilities} />
      {inode_limits ? <FieldGroup resource="inode" form={form} capabilities={capabilities} /> : null}
      {notes.map((note) => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
    </Stack>
  );
}

function FieldGroup({ resource, form, capabilities }: LimitFieldsProps & { resource: Resource }) {
  const { t } = useTranslation('limits');
  const isSpace = resource === 'block';
  const first = fieldsOf(capabilities)[0]?.name;
  return (
    <Fieldset legend={t(isSpace ? 'space_legend' : 'files_legend')}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {fieldsOf(capabilities)
          .filter((field) => field.resource === resource)
          .map(({ name }) => (
            <TextInput
              key={form.key(name)}
              label={t(`field.${name}`)}
              description={t(isSpace ? 'hint_space' : 'hint_files')}
              placeholder={t('unlimited')}
              inputMode={isSpace ? 'decimal' : 'numeric'}
              autoComplete="off"
              data-autofocus={name === first ? true : undefined}
              {...form.getInputProps(name)}
            />
          ))}
      </SimpleGrid>
    </Fieldset>
  );
}
