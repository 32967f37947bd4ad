import { Fieldset, SimpleGrid, Stack, Text, TextInput, type TextInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Capabilities, fieldsOf, type LimitName } from '@/lib/limits';
import type { Resource } from '@/lib/quota';

interface LimitFieldsProps {
  /** What the form has for a field: value, error, handlers. */
  inputProps: (name: LimitName) => TextInputProps;
  capabilities: Capabilities;
}

/** The limits that this device has, as fields; and a word about those that it has not. */
export function LimitFields({ inputProps, capabilities }: LimitFieldsProps) {
  return (
    <Stack gap="md">
      <FieldGroup resource="block" inputProps={inputProps} capabilities={capabilities} />
      {capabilities.inode_limits ? (
        <FieldGroup resource="inode" inputProps={inputProps} capabilities={capabilities} />
      ) : null}
      <CapabilityNotes capabilities={capabilities} />
    </Stack>
  );
}

/** Why a field that one may look for is not there. */
export function CapabilityNotes({ capabilities }: Pick<LimitFieldsProps, 'capabilities'>) {
  const { t } = useTranslation('limits');
  const { soft_limits, inode_limits, enforced_by_kernel } = capabilities;
  const notes = [
    ...(soft_limits ? [] : [t('no_soft')]),
    ...(inode_limits ? [] : [t('no_inode')]),
    ...(enforced_by_kernel ? [] : [t('not_enforced')]),
  ];
  return notes.map((note) => (
    <Text key={note} size="sm" c="dimmed">
      {note}
    </Text>
  ));
}

function FieldGroup({ resource, inputProps, capabilities }: LimitFieldsProps & { resource: Resource }) {
  const { t } = useTranslation('limits');
  const isSpace = resource === 'block';
  const fields = fieldsOf(capabilities);
  return (
    <Fieldset legend={t(isSpace ? 'space_legend' : 'files_legend')}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {fields
          .filter((field) => field.resource === resource)
          .map(({ name }) => (
            <TextInput
              key={name}
              label={t(`field.${name}`)}
              description={t(isSpace ? 'hint_space' : 'hint_files')}
              placeholder={t('unlimited')}
              inputMode={isSpace ? 'decimal' : 'numeric'}
              autoComplete="off"
              data-autofocus={name === fields[0]?.name ? true : undefined}
              {...inputProps(name)}
            />
          ))}
      </SimpleGrid>
    </Fieldset>
  );
}
