import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { MyClaimOut } from '@/api/generated/types.gen';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { type Mine, shortName } from './model';
import { useClaim } from './queries';

interface ClaimItemProps {
  item: Mine;
  claims: MyClaimOut[];
  children: ReactNode;
}

/** Something that may be mine: I say so, an admin decides. */
export function ClaimItem({ item, claims, children }: ClaimItemProps) {
  const { t } = useTranslation('docker');
  const { host, kind, id, name, created_at } = item;
  const claim = useClaim();
  const states = claims
    .filter((each) => each.host === host && each.kind === kind && each.object_id === id)
    .filter(({ object_created_at }) => object_created_at === created_at)
    .map(({ state }) => state);
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap" gap="sm">
        {children}
        {states.includes('open') ? null : (
          <Button
            variant="default"
            size="xs"
            style={{ flexShrink: 0 }}
            aria-label={t('mine.claim_of', { name: shortName(name) })}
            loading={claim.isPending}
            onClick={() => {
              if (kind !== 'layer') claim.mutate({ host, kind, id });
            }}
          >
            {t('mine.claim')}
          </Button>
        )}
      </Group>
      {states.includes('open') ? <Text size="xs">{t('mine.state.open')}</Text> : null}
      {!states.includes('open') && states.includes('denied') ? (
        <Text size="xs">{t('mine.state.denied')}</Text>
      ) : null}
      {claim.error === null ? null : <ProblemPanel problem={asProblem(claim.error)} />}
    </Stack>
  );
}
