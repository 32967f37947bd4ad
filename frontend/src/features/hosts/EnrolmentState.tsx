import {
  type Icon,
  IconCircleCheck,
  IconClockOff,
  IconHourglassEmpty,
  IconKeyOff,
  IconPlugConnected,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { EnrolmentOut } from '@/api/generated/types.gen';
import { Note } from '@/components/Note';
import { StateBadge, type Tone } from '@/components/StateBadge';

const STATES: Record<EnrolmentOut['state'], { tone: Tone; icon: Icon }> = {
  waiting: { tone: 'near', icon: IconHourglassEmpty },
  expired: { tone: 'over', icon: IconClockOff },
  unconfirmed: { tone: 'near', icon: IconPlugConnected },
  enrolled: { tone: 'good', icon: IconCircleCheck },
  keys_lost: { tone: 'bad', icon: IconKeyOff },
};

export function EnrolmentBadge({ state }: { state: EnrolmentOut['state'] }) {
  const { t } = useTranslation('hosts');
  return <StateBadge {...STATES[state]} word={t(`enrolment.${state}`)} />;
}

/** What is to be done about the keys of a host; nothing where all is well. */
export function EnrolmentNote({ enrolment }: { enrolment: EnrolmentOut | null | undefined }) {
  const { t } = useTranslation('hosts');
  if (enrolment === null || enrolment === undefined) return null;
  const { state, rotation, in_settings } = enrolment;
  const known = in_settings ? 'in_settings' : state === 'enrolled' && rotation !== null ? 'rotation' : state;
  if (known === 'enrolled') return null;
  return (
    <Note
      tone={known === 'keys_lost' ? 'problem' : 'warning'}
      role="status"
      title={t(`to_do.${known}.title`)}
    >
      {t(`to_do.${known}.text`)}
    </Note>
  );
}
