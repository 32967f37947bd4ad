import { Button, Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconKey,
  IconPlayerPause,
  IconPlayerPlay,
  IconRotate,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostDetailOut } from '@/api/generated/types.gen';
import { asProblem } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useHostCall, useNewCode } from './admin';
import { CodeModal } from './CodeModal';
import { RemoveHost } from './RemoveHost';

const SIZE = 16;

/** What an admin does with a host. One of the settings has no keys and no end here. */
export function useHostActions(host: string, detail: HostDetailOut | undefined) {
  const { t } = useTranslation('hosts');
  const [removing, setRemoving] = useState(false);
  const call = useHostCall(host);
  const code = useNewCode(host);
  const error = call.error ?? code.error;
  const isSuspended = detail?.state === 'suspended';
  const enrolment = detail?.enrolment ?? null;
  const isOurs = enrolment !== null && !enrolment.in_settings;
  const hasKeys = isOurs && (enrolment.state === 'enrolled' || enrolment.state === 'unconfirmed');
  const menu = (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          rightSection={<IconChevronDown size={SIZE} aria-hidden />}
          loading={call.isPending || code.isPending}
          disabled={detail === undefined}
        >
          {t('actions')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={
            isSuspended ? (
              <IconPlayerPlay size={SIZE} aria-hidden />
            ) : (
              <IconPlayerPause size={SIZE} aria-hidden />
            )
          }
          onClick={() => call.mutate(isSuspended ? 'resume' : 'suspend')}
        >
          {t(isSuspended ? 'action.resume' : 'action.suspend')}
        </Menu.Item>
        {hasKeys && !isSuspended ? (
          <Menu.Item
            leftSection={<IconRotate size={SIZE} aria-hidden />}
            onClick={() => call.mutate('rotate')}
          >
            {t('action.rotate')}
          </Menu.Item>
        ) : null}
        {isOurs ? (
          <>
            <Menu.Item leftSection={<IconKey size={SIZE} aria-hidden />} onClick={() => code.mutate()}>
              {t('action.code')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTrash size={SIZE} aria-hidden />}
              c="red"
              onClick={() => setRemoving(true)}
            >
              {t('action.remove')}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
  const below = (
    <>
      {error === null ? null : <ProblemPanel problem={asProblem(error)} />}
      <CodeModal code={code.data ?? null} onClose={code.reset} />
      <RemoveHost host={host} opened={removing} onClose={() => setRemoving(false)} />
    </>
  );
  return { menu, below };
}
