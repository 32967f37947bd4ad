import {
  Button,
  Checkbox,
  Code,
  CopyButton,
  Group,
  Modal,
  NativeSelect,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { Note } from '@/components/Note';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useHoldWhileEditing } from '@/lib/editing';
import { LIFETIMES, SCOPES, type TokenForm, tokenForm } from './model';
import { useAddToken } from './queries';

interface MakeTokenProps {
  opened: boolean;
  isAdmin: boolean;
  onClose: () => void;
}

export function MakeToken({ opened, isAdmin, onClose }: MakeTokenProps) {
  const { t } = useTranslation(['tokens', 'common']);
  useHoldWhileEditing(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('tokens:make')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      // A click beside it must not lose the token that is shown once.
      closeOnClickOutside={false}
    >
      <MakeTokenSteps isAdmin={isAdmin} onClose={onClose} />
    </Modal>
  );
}

function MakeTokenSteps({ isAdmin, onClose }: Omit<MakeTokenProps, 'opened'>) {
  const add = useAddToken();
  if (add.data !== undefined) return <Made token={add.data.token} onClose={onClose} />;
  return <MakeTokenForm isAdmin={isAdmin} add={add} onClose={onClose} />;
}

interface MakeTokenFormProps extends Omit<MakeTokenProps, 'opened'> {
  add: ReturnType<typeof useAddToken>;
}

function MakeTokenForm({ isAdmin, add, onClose }: MakeTokenFormProps) {
  const { t } = useTranslation('tokens');
  const form = useForm<TokenForm>({
    initialValues: { name: '', scopes: ['read'], days: '90' },
    validate: (values) => {
      const issues = tokenForm.safeParse(values).error?.issues ?? [];
      return Object.fromEntries(issues.map(({ path }) => [String(path[0]), t('required')]));
    },
  });
  const submit = form.onSubmit((values) => add.mutate(tokenForm.parse(values)));
  const scopes = SCOPES.filter((scope) => isAdmin || scope !== 'admin');
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('field.name')}
          description={t('field.name_hint')}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <Checkbox.Group label={t('field.scopes')} {...form.getInputProps('scopes')}>
          <Stack gap="xs" mt="xs">
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={t(`scope.${scope}.name`)}
                description={t(`scope.${scope}.text`)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t('field.days')}
          data={LIFETIMES.map((days) => ({ value: days, label: t('days', { days }) }))}
          {...form.getInputProps('days')}
        />
        {add.error === null ? null : <ProblemPanel problem={asProblem(add.error)} />}
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

function Made({ token, onClose }: { token: string; onClose: () => void }) {
  const { t } = useTranslation(['tokens', 'common']);
  return (
    <Stack gap="md">
      <Note tone="warning" role="status" title={t('tokens:made.title')}>
        {t('tokens:made.text')}
      </Note>
      <Code
        block
        style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}
        aria-label={t('tokens:made.label')}
      >
        {token}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={token}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('common:copied') : t('common:copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{t('tokens:made.done')}</Button>
      </Group>
    </Stack>
  );
}
