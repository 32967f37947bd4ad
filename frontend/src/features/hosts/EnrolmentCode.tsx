import { Button, Code, CopyButton, Group, List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CodeOut } from '@/api/generated/types.gen';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';
import { EnrolmentBadge } from './EnrolmentState';
import { useHost } from './queries';

const SETTING = '"API_KEYS_FILE": "keys.json"';

/** The code, how long it is good for, and what to type on the host; tells when the host has used it. */
export function EnrolmentCode({ code: { host, code, expires_at } }: { code: CodeOut }) {
  const { t } = useTranslation('hosts');
  const format = useFormat();
  const left = Math.max(0, Math.ceil((Date.parse(expires_at) - useNow()) / 1000));
  const enrolment = useHost(host).query.data?.enrolment;
  return (
    <Stack gap="md">
      {enrolment?.code_expires_at === null ? (
        <Group gap="xs" role="status">
          <EnrolmentBadge state={enrolment.state} />
        </Group>
      ) : null}
      {left === 0 ? (
        <Note tone="warning" role="status" title={t('code.expired')}>
          {t('code.make_another')}
        </Note>
      ) : (
        <Text size="sm" role="timer">
          {t('code.good_for', { left: format.duration(left) })}
        </Text>
      )}
      <List type="ordered" spacing="sm" size="sm">
        <List.Item>
          {t('code.settings', { host })}
          <Code block mt={4}>
            {SETTING}
          </Code>
        </List.Item>
        <List.Item>
          {t('code.type')}
          <Copied what={t('code.copy_command')} text={commandFor(window.location.origin)} />
        </List.Item>
        <List.Item>
          {t('code.asked_for')}
          <Copied what={t('code.copy_code')} text={code} />
        </List.Item>
      </List>
      <Text size="sm" c="dimmed">
        {t('code.once')}
      </Text>
    </Stack>
  );
}

function commandFor(master: string): string {
  return `qman enrol --master ${master} --config config.slave.json`;
}

function Copied({ what, text }: { what: string; text: string }) {
  const { t } = useTranslation('hosts');
  return (
    <Stack gap={4} mt={4} align="flex-start">
      <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', width: '100%' }}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" onClick={copy}>
            {copied ? t('code.copied') : what}
          </Button>
        )}
      </CopyButton>
    </Stack>
  );
}
