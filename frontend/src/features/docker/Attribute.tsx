import { Button, Checkbox, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { ReasonField } from '@/components/ReasonField';
import { useHoldWhileEditing } from '@/lib/editing';
import { type Line, shortName, suggestedUid } from './model';
import { useAttribute } from './queries';

const LARGEST_UID = 2 ** 32 - 2;

interface AttributeProps {
  host: string;
  line: Line | null;
  onClose: () => void;
}

/** An admin says whose an object is. */
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
      {line === null ? null : <AttributeForm host={host} line={line} onClose={onClose} />}
    </Modal>
  );
}

function AttributeForm({ host, line, onClose }: AttributeProps & { line: Line }) {
  const { t } = useTranslation('docker');
  const [uid, setUid] = useState<number | string>(suggestedUid(line));
  const [isNobodys, setNobodys] = useState(false);
  const [reason, setReason] = useState('');
  const save = useAttribute(host, line, onClose);
  const people = [
    ...line.claims.map((each) => ({ uid: each.uid, user: each.username })),
    ...line.attribution.candidates,
  ];
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isNobodys || typeof uid === 'number') save.mutate({ uid: isNobodys ? null : Number(uid), reason });
      }}
    >
      <Stack gap="md">
        <Text style={{ overflowWrap: 'anywhere' }}>
          {t('say.text', { kind: t(`kind.${line.kind}`), name: shortName(line.name), host })}
        </Text>
        {people.length === 0 ? null : (
          <Text size="sm" c="dimmed">
            {t('say.people', { people: people.map((each) => `${each.user ?? '#'} (${each.uid})`).join(', ') })}
          </Text>
        )}
        <NumberInput
          label={t('say.uid')}
          description={t('say.uid_hint')}
          min={0}
          max={LARGEST_UID}
          allowDecimal={false}
          hideControls
          disabled={isNobodys}
          value={uid}
          onChange={setUid}
        />
        <Checkbox
          label={t('say.nobodys')}
          checked={isNobodys}
          onChange={(event) => setNobodys(event.currentTarget.checked)}
        />
        <ReasonField value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {save.error === null ? null : <ProblemPanel problem={asProblem(save.error)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('say.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!isNobodys && typeof uid !== 'number'}>
            {t('say.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
