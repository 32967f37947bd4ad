import { Autocomplete, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { ReasonField } from '@/components/ReasonField';
import { useHoldWhileEditing } from '@/lib/editing';
import { type Account, accountOf, nameOf, once, suspectsOf, uidOf } from './accounts';
import { type Line, shortName } from './model';
import { useAccounts, useSay } from './queries';
import { SaidBefore } from './SaidBefore';

interface AttributeProps {
  host: string;
  line: Line | null;
  onClose: () => void;
}

/** An admin says whose an object is, or takes back what was said. */
export function Attribute({ host, line, onClose }: AttributeProps) {
  const { t } = useTranslation(['docker', 'common']);
  useHoldWhileEditing(line !== null);
  return (
    <Modal
      opened={line !== null}
      onClose={onClose}
      title={t('docker:say.title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      closeOnClickOutside={false}
    >
      {line === null ? null : (
        <Stack gap="lg">
          <AttributeForm host={host} line={line} onClose={onClose} />
          <SaidBefore host={host} line={line} />
        </Stack>
      )}
    </Modal>
  );
}

function AttributeForm({ host, line, onClose }: AttributeProps & { line: Line }) {
  const { t } = useTranslation('docker');
  const suspects = suspectsOf(line);
  const [text, setText] = useState(suspects[0] === undefined ? '' : nameOf(suspects[0]));
  const [isNobodys, setNobodys] = useState(false);
  const [reason, setReason] = useState('');
  const save = useSay(host, line, onClose);
  const wanted = text.trim();
  const found = useAccounts(host, wanted);
  const account = accountOf(wanted, once([...suspects, ...(found.data ?? [])]));
  const uid = isNobodys ? null : account?.uid;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (uid !== undefined) save.mutate({ uid, reason });
      }}
    >
      <Stack gap="md">
        <Text style={{ overflowWrap: 'anywhere' }}>
          {t('say.text', { kind: t(`kind.${line.kind}`), name: shortName(line.name), host })}
        </Text>
        {suspects.length === 0 ? null : (
          <Text size="sm" c="dimmed">
            {t('say.people', { people: suspects.map(named).join(', ') })}
          </Text>
        )}
        <Autocomplete
          label={t('say.user')}
          description={<Found text={wanted} account={account} isSearching={found.isFetching} />}
          data={once([...suspects, ...(found.data ?? [])]).flatMap(({ user }) => user ?? [])}
          autoComplete="off"
          limit={8}
          disabled={isNobodys}
          value={text}
          onChange={setText}
        />
        <Checkbox
          label={t('say.nobodys')}
          checked={isNobodys}
          onChange={(event) => setNobodys(event.currentTarget.checked)}
        />
        <ReasonField value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {save.error === null ? null : <ProblemPanel problem={asProblem(save.error)} />}
        <Group justify="flex-end">
          {line.attribution.method === 'override' ? (
            <Button
              variant="default"
              mr="auto"
              disabled={save.isPending}
              onClick={() => save.mutate({ withdrawn: true, reason })}
            >
              {t('say.withdraw')}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {t('say.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={uid === undefined}>
            {t('say.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FoundProps {
  text: string;
  account: Account | null;
  isSearching: boolean;
}

/** Whom the text means. */
function Found({ text, account, isSearching }: FoundProps) {
  const { t } = useTranslation('docker');
  if (text === '' || (account === null && isSearching)) return t('say.user_hint');
  if (account === null) return t(uidOf(text) === null ? 'say.no_name' : 'say.user_hint');
  return account.user === null ? t('say.no_account', { uid: account.uid }) : named(account);
}

function named(account: Account): string {
  return account.user === null ? `#${account.uid}` : `${account.user} (${account.uid})`;
}
