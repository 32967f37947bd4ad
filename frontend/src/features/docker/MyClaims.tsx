import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MyClaimOut, MyObjectOut } from '@/api/generated/types.gen';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useHoldWhileEditing } from '@/lib/editing';
import { keyOf, shortName } from './model';
import { useClaim } from './queries';

const KINDS = ['container', 'image', 'volume', 'cache'] as const;

interface MyClaimsProps {
  host: string;
  claims: readonly MyClaimOut[];
  /** What is listed as mine, or as what may be: its claims are told there. */
  listed: readonly MyObjectOut[];
}

/** What I claimed of what nobody is known to own, and how to claim more: there is no list of others' things. */
export function MyClaims({ host, claims, listed }: MyClaimsProps) {
  const { t } = useTranslation('docker');
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const shown = new Set(listed.map(keyOf));
  const others = claims.filter(
    (each) => each.host === host && !shown.has(keyOf({ kind: each.kind, id: each.object_id })),
  );
  return (
    <Stack gap="xs">
      {others.length === 0 ? null : (
        <>
          <Text size="sm" fw={600}>
            {t('mine.claims')}
          </Text>
          <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
            {others.map((each) => (
              <li key={each.id} style={{ overflowWrap: 'anywhere' }}>
                <Text size="sm">{`${shortName(each.name ?? each.object_id)} · ${t(`kind.${each.kind}`)}`}</Text>
                <Text size="xs" c="dimmed">
                  {t(`mine.state.${each.state}`)}
                </Text>
              </li>
            ))}
          </Stack>
        </>
      )}
      <Group>
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={toggle}>
          {t('mine.missing')}
        </Button>
      </Group>
      {isOpen ? <ClaimForm host={host} onDone={close} /> : null}
    </Stack>
  );
}

function ClaimForm({ host, onDone }: { host: string; onDone: () => void }) {
  const { t } = useTranslation('docker');
  const [kind, setKind] = useState<(typeof KINDS)[number]>('container');
  const [text, setText] = useState('');
  const claim = useClaim(onDone);
  useHoldWhileEditing(text !== '');
  const id = text.trim();
  const problem = claim.error === null ? null : asProblem(claim.error);
  return (
    <form
      noValidate
      aria-label={t('mine.missing')}
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== '') claim.mutate({ host, kind, id });
      }}
    >
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {t('mine.missing_text')}
        </Text>
        <Group gap="xs" align="flex-start">
          <Select
            label={t('mine.kind')}
            data={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
            allowDeselect={false}
            value={kind}
            onChange={(value) => {
              claim.reset();
              setKind(KINDS.find((each) => each === value) ?? 'container');
            }}
          />
          <TextInput
            label={t('mine.called')}
            autoComplete="off"
            maxLength={255}
            style={{ flex: '1 1 12rem' }}
            value={text}
            error={problem?.code === 'not_found' ? t('mine.no_such') : null}
            onChange={({ currentTarget }) => {
              claim.reset();
              setText(currentTarget.value);
            }}
          />
        </Group>
        {problem === null || problem.code === 'not_found' ? null : <ProblemPanel problem={problem} />}
        <Group>
          <Button type="submit" size="xs" loading={claim.isPending} disabled={id === ''}>
            {t('mine.claim')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
